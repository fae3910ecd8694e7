"""What `core show help` says of the commands that are served: a summary, and the usage text to the letter."""

from __future__ import annotations

from harness.pbx.commands.usage_more import MORE
from harness.pbx.commands.usage_more import Help as Help

HELP: dict[str, Help] = {
    **MORE,
    "core show help": Help(
        "Display help list, or specific help on a command",
        "Usage: core show help [topic]\n"
        "       When called with a topic as an argument, displays usage\n"
        "       information on the given command. If called without a\n"
        "       topic, it provides a list of commands.\n",
    ),
    "core show hints": Help(
        "Show dialplan hints",
        "Usage: core show hints\n"
        "       List registered hints.\n"
        "       Hint details are shown in five columns. In order from left to right, they are:\n"
        "       1. Hint extension URI.\n"
        "       2. List of mapped device or presence state identifiers.\n"
        "       3. Current extension state. The aggregate of mapped device states.\n"
        "       4. Current presence state for the mapped presence state provider.\n"
        "       5. Watchers - number of subscriptions and other entities watching this hint.\n",
    ),
    "core show hint": Help(
        "Show dialplan hint",
        "Usage: core show hint <exten>\n"
        "       List registered hint.\n"
        "       Hint details are shown in five columns. In order from left to right, they are:\n"
        "       1. Hint extension URI.\n"
        "       2. List of mapped device or presence state identifiers.\n"
        "       3. Current extension state. The aggregate of mapped device states.\n"
        "       4. Current presence state for the mapped presence state provider.\n"
        "       5. Watchers - number of subscriptions and other entities watching this hint.\n",
    ),
    "core show version": Help(
        "Display version info",
        "Usage: core show version\n"
        "       Shows Asterisk version information.\n",
    ),
    "core show uptime [seconds]": Help(
        "Show uptime information",
        "Usage: core show uptime [seconds]\n"
        "       Shows Asterisk uptime information.\n"
        "       The seconds word returns the uptime in seconds only.\n",
    ),
    "core waitfullybooted": Help(
        "Wait for Asterisk to be fully booted",
        "Usage: core waitfullybooted\n"
        "\tWait until Asterisk has fully booted.\n",
    ),
    "core reload": Help(
        "Global reload",
        "Usage: core reload\n"
        "       Execute a global reload.\n",
    ),
    "core show channels [concise|verbose|count]": Help(
        "Display information on channels",
        "Usage: core show channels [concise|verbose|count]\n"
        "       Lists currently defined channels and some information about them. If\n"
        "       'concise' is specified, the format is abridged and in a more easily\n"
        "       machine parsable format. If 'verbose' is specified, the output includes\n"
        "       more and longer fields. If 'count' is specified only the channel and call\n"
        "       count is output.\n",
    ),
    "core show calls [uptime]": Help(
        "Display information on calls",
        "Usage: core show calls [uptime [seconds]]\n"
        "       Lists number of currently active calls and total number of calls\n"
        "       processed through PBX since last restart. If 'uptime' is specified\n"
        "       the system uptime is also displayed. If 'seconds' is specified in\n"
        "       addition to 'uptime', the system uptime is displayed in seconds.\n",
    ),
    "channel request hangup": Help(
        "Request a hangup on a given channel",
        "Usage: channel request hangup <all>|<channel> [<channel> ...]\n"
        "       Request that one or more channels be hung up. The hangup takes\n"
        "       effect the next time the driver reads or writes from the channel.\n\n"
        "       If 'all' is specified instead of a channel name, all channels\n"
        "       will see the hangup request.\n\n"
        "       A POSIX Extended Regular Expression can be provided in the place\n"
        "       of a fixed channel name by wrapping it in forward slashes\n"
        "       (e.g. /^PJSIP.*/). Note that the expression will match any part\n"
        "       of the channel name unless anchored explicitly by ^ and/or $.\n\n"
        "       Finally, wildcards (*) and other glob-like characters can also\n"
        "       be used to match more than one channel. Similar to how path globs\n"
        "       behave, a forward slash cannot be matched with a wildcard or\n"
        "       bracket expression. In other words, if you want to hangup all\n"
        "       Local channels, you must specify Local/* and not Loc*.\n",
    ),
    "bridge show all": Help(
        "List all bridges",
        "Usage: bridge show all\n"
        "       List all bridges\n",
    ),
    "core show channel": Help(
        "Display information on a specific channel",
        "Usage: core show channel <channel>\n"
        "       Shows lots of information about the specified channel.\n",
    ),
    "module reload": Help(
        "Reload configuration for a module",
        "Usage: module reload [module ...]\n"
        "       Reloads configuration files for all listed modules which support\n"
        "       reloading, or for all supported modules if none are listed.\n",
    ),
    "presencestate change": Help(
        "Change a custom presence state",
        "Usage: presencestate change <entity> <state>[,<subtype>[,message[,options]]]\n"
        "       Change a custom presence to a new state.\n"
        "       The possible values for the state are:\n"
        "NOT_SET | UNAVAILABLE | AVAILABLE | AWAY | XA | CHAT | DND\n"
        "Optionally, a custom subtype and message may be provided, along with any options\n"
        "accepted by func_presencestate. If the subtype or message provided contain spaces,\n"
        "be sure to enclose the data in quotation marks (\"\")\n"
        "\n"
        "Examples:\n"
        "       presencestate change CustomPresence:mystate1 AWAY\n"
        "       presencestate change CustomPresence:mystate1 AVAILABLE\n"
        "       presencestate change CustomPresence:mystate1 \"Away,upstairs,eating lunch\"\n"
        "       \n",
    ),
    "presencestate list": Help(
        "List currently know custom presence states",
        "Usage: presencestate list\n"
        "       List all custom presence states that have been set by using\n"
        "       the PRESENCE_STATE dialplan function.\n",
    ),
    "devstate change": Help(
        "Change a custom device state",
        "Usage: devstate change <device> <state>\n"
        "       Change a custom device to a new state.\n"
        "       The possible values for the state are:\n"
        "UNKNOWN | NOT_INUSE | INUSE | BUSY | INVALID | UNAVAILABLE | RINGING\n"
        "RINGINUSE | ONHOLD\n"
        "\n"
        "Examples:\n"
        "       devstate change Custom:mystate1 INUSE\n"
        "       devstate change Custom:mystate1 NOT_INUSE\n"
        "       \n",
    ),
    "devstate list": Help(
        "List currently known custom device states",
        "Usage: devstate list\n"
        "       List all custom device states that have been set by using\n"
        "       the DEVICE_STATE dialplan function.\n",
    ),
    "database del": Help(
        "Removes database key/value",
        "Usage: database del <family> <key>\n"
        "       Deletes an entry in the Asterisk database for a given\n"
        "       family and key.\n",
    ),
    "database deltree": Help(
        "Removes database keytree/values",
        "Usage: database deltree <family> [keytree]\n"
        "   OR: database deltree <family>[/keytree]\n"
        "       Deletes a family or specific keytree within a family\n"
        "       in the Asterisk database.  The two arguments may be\n"
        "       separated by either a space or a slash.\n",
    ),
    "database get": Help(
        "Gets database value",
        "Usage: database get <family> <key>\n"
        "       Retrieves an entry in the Asterisk database for a given\n"
        "       family and key.\n",
    ),
    "database put": Help(
        "Adds/updates database value",
        "Usage: database put <family> <key> <value>\n"
        "       Adds or updates an entry in the Asterisk database for\n"
        "       a given family, key, and value.\n",
    ),
    "database query": Help(
        "Run a user-specified query on the astdb",
        "Usage: database query \"<SQL Statement>\"\n"
        "       Run a user-specified SQL query on the database. Be careful.\n",
    ),
    "database show": Help(
        "Shows database contents",
        "Usage: database show [family [keytree]]\n"
        "   OR: database show [family[/keytree]]\n"
        "       Shows Asterisk database contents, optionally restricted\n"
        "       to a given family, or family and keytree. The two arguments\n"
        "       may be separated either by a space or by a slash.\n",
    ),
    "database showkey": Help(
        "Shows database contents",
        "Usage: database showkey <keytree>\n"
        "       Shows Asterisk database contents, restricted to a given key.\n",
    ),
    "dialplan add extension": Help(
        "Add new extension into context",
        "Usage: dialplan add extension <exten>,<priority>,<app> into <context> [replace]\n"
        "\n"
        "       app can be either:\n"
        "         app-name\n"
        "         app-name(app-data)\n"
        "         app-name,<app-data>\n"
        "\n"
        "       This command will add the new extension into <context>.  If\n"
        "       an extension with the same priority already exists and the\n"
        "       'replace' option is given we will replace the extension.\n"
        "\n"
        "Example: dialplan add extension 6123,1,Dial,IAX/216.207.245.56/6123 into local\n"
        "         Now, you can dial 6123 and talk to Markster :)\n",
    ),
    "dialplan add ignorepat": Help(
        "Add new ignore pattern",
        "Usage: dialplan add ignorepat <pattern> into <context>\n"
        "       This command adds a new ignore pattern into context <context>\n"
        "\n"
        "Example: dialplan add ignorepat _3XX into local\n",
    ),
    "dialplan add include": Help(
        "Include context in other context",
        "Usage: dialplan add include <context> into <context>\n"
        "       Include a context in another context.\n",
    ),
    "dialplan eval function": Help(
        "Evaluate dialplan function",
        "Usage: dialplan eval function <name(args)>\n"
        "       Evaluate a dialplan function call\n"
        "       A dummy channel is used to evaluate\n"
        "       the function call, so only global\n"
        "       variables should be used.\n",
    ),
    "dialplan reload": Help(
        "Reload extensions and *only* extensions",
        "Usage: dialplan reload\n"
        "       Reload extensions.conf without reloading any other\n"
        "       modules.  This command does not delete global variables\n"
        "       unless clearglobalvars is set to yes in extensions.conf\n",
    ),
    "dialplan remove context": Help(
        "Remove a specified context",
        "Usage: dialplan remove context <context>\n"
        "       Removes all extensions from a specified context.\n",
    ),
    "dialplan remove extension": Help(
        "Remove a specified extension",
        "Usage: dialplan remove extension exten[/cid]@context [priority]\n"
        "       Remove an extension from a given context. If a priority\n"
        "       is given, only that specific priority from the given extension\n"
        "       will be removed.\n",
    ),
    "dialplan remove ignorepat": Help(
        "Remove ignore pattern from context",
        "Usage: dialplan remove ignorepat <pattern> from <context>\n"
        "       This command removes an ignore pattern from context <context>\n"
        "\n"
        "Example: dialplan remove ignorepat _3XX from local\n",
    ),
    "dialplan remove include": Help(
        "Remove a specified include from context",
        "Usage: dialplan remove include <context> from <context>\n"
        "       Remove an included context from another context.\n",
    ),
    "dialplan set chanvar": Help(
        "Set a channel variable",
        "Usage: dialplan set chanvar <channel> <varname> <value>\n"
        "       Set channel variable <varname> to <value>\n",
    ),
    "dialplan set global": Help(
        "Set global dialplan variable",
        "Usage: dialplan set global <name> <value>\n"
        "       Set global dialplan variable <name> to <value>\n",
    ),
    "dialplan show": Help(
        "Show dialplan",
        "Usage: dialplan show [[exten@]context]\n"
        "       Show dialplan\n",
    ),
    "dialplan show chanvar": Help(
        "Show channel variables",
        "Usage: dialplan show chanvar <channel>\n"
        "       List current channel variables and their values\n",
    ),
    "dialplan show globals": Help(
        "Show global dialplan variables",
        "Usage: dialplan show globals\n"
        "       List current global dialplan variables and their values\n",
    ),
    "pjsip list aors": Help(
        "List PJSIP Aors",
        "Usage: pjsip list aors [ like <pattern> ]\n"
        "       List the configured PJSIP Aors\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list auths": Help(
        "List PJSIP Auths",
        "Usage: pjsip list auths [ like <pattern> ]\n"
        "       List the configured PJSIP Auths\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list contacts": Help(
        "List PJSIP Contacts",
        "Usage: pjsip list contacts [ like <pattern> ]\n"
        "       List the configured PJSIP contacts\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list endpoints": Help(
        "List PJSIP Endpoints",
        "Usage: pjsip list endpoints [ like <pattern> ]\n"
        "       List the configured PJSIP endpoints\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list identifies": Help(
        "List PJSIP Identifies",
        "Usage: pjsip list identifies [ like <pattern> ]\n"
        "       List the configured PJSIP Identifies\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list transports": Help(
        "List PJSIP Transports",
        "Usage: pjsip list transports [ like <pattern> ]\n"
        "       List the configured PJSIP Transports\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list registrations": Help(
        "List PJSIP Registrations",
        "Usage: pjsip list registrations [ like <pattern> ]\n"
        "       List the configured PJSIP Registrations\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list channels": Help(
        "List PJSIP Channels",
        "Usage: pjsip list channels [ like <pattern> ]\n"
        "       List the active PJSIP channels\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip list subscriptions {inbound|outbound} [like]": Help(
        "List active inbound/outbound subscriptions",
        "Usage:\n"
        "   pjsip list subscriptions inbound [like <regex>]\n"
        "      List active inbound subscriptions\n"
        "   pjsip list subscriptions outbound [like <regex>]\n"
        "      List active outbound subscriptions\n"
        "\n"
        "   The regex selects output lines that match.\n",
    ),
    "pjsip qualify": Help(
        "Send an OPTIONS request to a PJSIP endpoint",
        "Usage: pjsip qualify <endpoint>\n"
        "       Send a SIP OPTIONS request to all contacts on the endpoint.\n"
    ),
    "pjsip reload qualify aor": Help(
        "Synchronize the PJSIP Aor qualify options",
        "Usage: pjsip reload qualify aor <id>\n"
        "       Synchronize the PJSIP Aor qualify options.\n"
    ),
    "pjsip reload qualify endpoint": Help(
        "Synchronize the qualify options for all Aors on the PJSIP endpoint",
        "Usage: pjsip reload qualify endpoint <id>\n"
        "       Synchronize the qualify options for all Aors on the PJSIP endpoint.\n"
    ),
    "pjsip show aors": Help(
        "Show PJSIP Aors",
        "Usage: pjsip show aors [ like <pattern> ]\n"
        "       Show the configured PJSIP Aors\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show aor": Help(
        "Show PJSIP Aor",
        "Usage: pjsip show aor <id>\n"
        "       Show the configured PJSIP Aor\n",
    ),
    "pjsip show auth": Help(
        "Show PJSIP Auth",
        "Usage: pjsip show auth <id>\n"
        "       Show the configured PJSIP Auth\n",
    ),
    "pjsip show identify": Help(
        "Show PJSIP Identify",
        "Usage: pjsip show identify <id>\n"
        "       Show the configured PJSIP Identify\n",
    ),
    "pjsip show transport": Help(
        "Show PJSIP Transport",
        "Usage: pjsip show transport <id>\n"
        "       Show the configured PJSIP Transport\n",
    ),
    "pjsip show settings": Help(
        "Show global and system configuration options",
        "Usage: pjsip show settings\n"
        "      Show global and system configuration options\n",
    ),
    "pjsip show identifiers": Help(
        "List registered endpoint identifiers",
        "Usage: pjsip show identifiers\n"
        "      List all registered endpoint identifiers\n",
    ),
    "pjsip show unidentified_requests": Help(
        "Show PJSIP Unidentified Requests",
        "Usage: pjsip show unidentified_requests\n"
        "       Show the PJSIP Unidentified Requests\n",
    ),
    "pjsip show scheduled_tasks": Help(
        "Show pjsip scheduled tasks",
        "Usage: pjsip show scheduled_tasks [ like <pattern> ]\n"
        "      Show scheduled pjsip tasks\n",
    ),
    "pjsip show auths": Help(
        "Show PJSIP Auths",
        "Usage: pjsip show auths [ like <pattern> ]\n"
        "       Show the configured PJSIP Auths\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show contacts": Help(
        "Show PJSIP Contacts",
        "Usage: pjsip show contacts [ like <pattern> ]\n"
        "       Show the configured PJSIP contacts\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show contact": Help(
        "Show PJSIP Contact",
        "Usage: pjsip show contact\n"
        "       Show the configured PJSIP contact\n",
    ),
    "pjsip show channels": Help(
        "Show PJSIP Channels",
        "Usage: pjsip show channels [ like <pattern> ]\n"
        "       List(detailed) the active PJSIP channels\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show endpoints": Help(
        "Show PJSIP Endpoints",
        "Usage: pjsip show endpoints [ like <pattern> ]\n"
        "       List(detailed) the configured PJSIP endpoints\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show endpoint": Help(
        "Show PJSIP Endpoint",
        "Usage: pjsip show endpoint <id>\n"
        "       Show the configured PJSIP endpoint\n",
    ),
    "pjsip show identifies": Help(
        "Show PJSIP Identifies",
        "Usage: pjsip show identifies [ like <pattern> ]\n"
        "       Show the configured PJSIP Identifies\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show qualify aor": Help(
        "Show the PJSIP Aor current qualify options",
        "Usage: pjsip show qualify aor <id>\n"
        "       Show the PJSIP Aor current qualify options.\n"
    ),
    "pjsip show qualify endpoint": Help(
        "Show the current qualify options for all Aors on the PJSIP endpoint",
        "Usage: pjsip show qualify endpoint <id>\n"
        "       Show the current qualify options for all Aors on the PJSIP endpoint.\n"
    ),
    "pjsip show registrations": Help(
        "Show PJSIP Registrations",
        "Usage: pjsip show registrations [ like <pattern> ]\n"
        "       Show the configured PJSIP Registrations\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show subscription {inbound|outbound}": Help(
        "Show active subscription details",
        "Usage:\n"
        "   pjsip show subscription inbound <call-id>\n"
        "   pjsip show subscription outbound <call-id>\n"
        "      Show active subscription with the dialog call-id\n",
    ),
    "pjsip show subscriptions {inbound|outbound} [like]": Help(
        "Show active inbound/outbound subscriptions",
        "Usage:\n"
        "   pjsip show subscriptions inbound [like <regex>]\n"
        "      Show active inbound subscriptions\n"
        "   pjsip show subscriptions outbound [like <regex>]\n"
        "      Show active outbound subscriptions\n"
        "\n"
        "   The regex selects a subscriptions output that matches.\n"
        "   i.e.,  All output lines for a subscription are checked\n"
        "   as a block by the regex.\n",
    ),
    "pjsip show transports": Help(
        "Show PJSIP Transports",
        "Usage: pjsip show transports [ like <pattern> ]\n"
        "       Show the configured PJSIP Transport\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip show version": Help(
        "Show the version of pjproject in use",
        "Usage: pjsip show version\n"
        "       Show the version of pjproject that res_pjsip is running against\n",
    ),
}

QUEUE_HELP: dict[str, Help] = {
    "queue show": Help(
        "Show status of a specified queue",
        "Usage: queue show\n       Provides summary information on a specified queue.\n",
    ),
    "queue show rules": Help(
        "Show the rules defined in queuerules.conf",
        "Usage: queue show rules [rulename]\n"
        "\tShow the list of rules associated with rulename. If no\n"
        "\trulename is specified, list all rules defined in queuerules.conf\n",
    ),
    "queue add member": Help(
        "Add a channel to a specified queue",
        "Usage: queue add member <dial string> to <queue> [penalty <penalty> [as <membername> "
        "[state_interface <interface> [paused <reason>]]]]\n"
        "       Add a dial string (Such as a channel,e.g. SIP/6001) to a queue with optionally:  a penalty, membername "
        "and a state_interface\n",
    ),
    "queue remove member": Help(
        "Removes a channel from a specified queue",
        "Usage: queue remove member <channel> from <queue>\n       Remove a specific channel from a queue.\n",
    ),
    "queue {pause|unpause} member": Help(
        "Pause or unpause a queue member",
        "Usage: queue {pause|unpause} member <member> [queue <queue> [reason <reason>]]\n"
        "\tPause or unpause a queue member. Not specifying a particular queue\n"
        "\twill pause or unpause a member across all queues to which the member\n"
        "\tbelongs.\n",
    ),
    "queue set penalty": Help(
        "Set penalty for a channel of a specified queue",
        "Usage: queue set penalty <penalty> on <interface> [in <queue>]\n"
        "\tSet a member's penalty in the queue specified. If no queue is specified\n"
        "\tthen that interface's penalty is set in all queues to which that interface is a member\n",
    ),
    "queue set ringinuse": Help(
        "Set ringinuse for a channel of a specified queue",
        "Usage: queue set ringinuse <yes/no> on <interface> [in <queue>]\n"
        "\tSet a member's ringinuse in the queue specified. If no queue is specified\n"
        "\tthen that interface's penalty is set in all queues to which that interface is a member.\n",
    ),
    "queue reload {parameters|members|rules|all}": Help(
        "Reload queues, members, queue rules, or parameters",
        "Usage: queue reload {parameters|members|rules|all} [<queuenames>]\n"
        "Reload queues. If <queuenames> are specified, only reload information pertaining\n"
        "to <queuenames>. One of 'parameters,' 'members,' 'rules,' or 'all' must be\n"
        "specified in order to know what information to reload. Below is an explanation\n"
        "of each of these qualifiers.\n"
        "\n"
        "\t'members' - reload queue members from queues.conf\n"
        "\t'parameters' - reload all queue options except for queue members\n"
        "\t'rules' - reload the queuerules.conf file\n"
        "\t'all' - reload queue rules, parameters, and members\n"
        "\n"
        "Note: the 'rules' qualifier here cannot actually be applied to a specific queue.\n"
        "Use of the 'rules' qualifier causes queuerules.conf to be reloaded. Even if only\n"
        "one queue is specified when using this command, reloading queue rules may cause\n"
        "other queues to be affected\n",
    ),
    "queue reset stats": Help(
        "Reset statistics for a queue",
        "Usage: queue reset stats [<queuenames>]\n"
        "\n"
        "Issuing this command will reset statistics for\n"
        "<queuenames>, or for all queues if no queue is\n"
        "specified.\n",
    ),
    "queue priority caller": Help(
        "Change priority caller on queue",
        "Usage: queue priority caller <channel> on <queue> to <priority> [immediate]\n"
        "       Change the priority of a channel on a queue, optionally applying the change in relation to existing "
        "callers.\n",
    ),
}
"""Commands that are there only where there is a queues.conf."""
