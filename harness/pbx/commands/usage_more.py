"""What `core show help` says of commands beside presence, devices and hints; see `usage`."""

from __future__ import annotations

from typing import NamedTuple


class Help(NamedTuple):
    """`usage` ends with a line end."""

    summary: str
    usage: str


MORE: dict[str, Help] = {
    "manager kick session": Help(
        "Kick a connected manager interface connection",
        "Usage: manager kick session <file descriptor>\n"
        "\tKick an active Asterisk Manager Interface session\n",
    ),
    "manager reload": Help(
        "Reload manager configurations",
        "Usage: manager reload\n"
        "       Reloads the manager configuration.\n",
    ),
    "manager set debug [on|off]": Help(
        "Show, enable, disable debugging of the manager code",
        "Usage: manager set debug [on|off]\n"
        "\tShow, enable, disable debugging of the manager code.\n",
    ),
    "manager show commands": Help(
        "List manager interface commands",
        "Usage: manager show commands\n"
        "\tPrints a listing of all the available Asterisk manager interface commands.\n",
    ),
    "manager show connected": Help(
        "List connected manager interface users",
        "Usage: manager show connected\n"
        "\tPrints a listing of the users that are currently connected to the\n"
        "Asterisk manager interface.\n",
    ),
    "manager show settings": Help(
        "Show manager global settings",
        "Usage: manager show settings\n"
        "       Provides detailed list of the configuration of the Manager.\n",
    ),
    "manager show users": Help(
        "List configured manager users",
        "Usage: manager show users\n"
        "       Prints a listing of all managers that are currently configured on that\n"
        " system.\n",
    ),
    "manager show user": Help(
        "Display information on a specific manager user",
        " Usage: manager show user <user>\n"
        "        Display all information related to the manager user specified.\n",
    ),
    "channel originate": Help(
        "Originate a call",
        "  There are two ways to use this command. A call can be originated between a\n"
        "channel and a specific application, or between a channel and an extension in\n"
        "the dialplan. This is similar to call files or the manager originate action.\n"
        "Calls originated with this command are given a timeout of 30 seconds.\n"
        "\n"
        "Usage1: channel originate <tech/data> application <appname> [appdata]\n"
        "  This will originate a call between the specified channel tech/data and the\n"
        "given application. Arguments to the application are optional. If the given\n"
        "arguments to the application include spaces, all of the arguments to the\n"
        "application need to be placed in quotation marks.\n"
        "\n"
        "Usage2: channel originate <tech/data> extension [exten@][context]\n"
        "  This will originate a call between the specified channel tech/data and the\n"
        "given extension. If no context is specified, the 'default' context will be\n"
        "used. If no extension is given, the 's' extension will be used.\n",
    ),
    "channel redirect": Help(
        "Redirect a call",
        "Usage: channel redirect <channel> <[[context,]exten,]priority>\n"
        "    Redirect an active channel to a specified extension.\n",
    ),
    "core set verbose": Help(
        "Set level of verbose chattiness",
        "Usage: core set verbose [atleast] <level> [silent]\n"
        "       core set verbose off\n"
        "\n"
        "       Sets level of verbose messages to be displayed.\n"
        "       0 or off means no verbose messages should be displayed.\n"
        "       The silent option means the command does not report what\n"
        "       happened to the verbose level.\n"
        "       Equivalent to -v[v[...]] on startup\n",
    ),
    "core set debug": Help(
        "Set level of debug chattiness",
        "Usage: core set debug [atleast] <level> [module]\n"
        "       core set debug off\n"
        "\n"
        "       Sets level of debug messages to be displayed or\n"
        "       sets a module name to display debug messages from.\n"
        "       0 or off means no messages should be displayed.\n"
        "       Equivalent to -d[d[...]] on startup\n",
    ),
    "core show hanguphandlers all": Help(
        "Show hangup handlers of all channels",
        "Usage: core show hanguphandlers all\n"
        "       Show hangup handlers for all channels.\n",
    ),
    "core ping taskprocessor": Help(
        "Ping a named task processor",
        "Usage: core ping taskprocessor <taskprocessor>\n"
        "\tDisplays the time required for a task to be processed\n",
    ),
    "core show image formats": Help(
        "Displays image formats",
        "Usage: core show image formats\n"
        "       Displays currently registered image formats (if any).\n",
    ),
    "core show sounds": Help(
        "Shows available sounds",
        "Usage: core show sounds\n"
        "       Shows a listing of sound files available on the system.\n",
    ),
    "core show switches": Help(
        "Show alternative switches",
        "Usage: core show switches\n"
        "       List registered switches\n",
    ),
    "dialplan locks show": Help(
        "List func_lock locks.",
        "Usage: dialplan locks show\n"
        "       List all locks known to func_lock, along with their current status.\n",
    ),
    "dialplan set extenpatternmatchnew false": Help(
        "Use the Old extension pattern matching algorithm.",
        "Usage: dialplan set extenpatternmatchnew true|false\n"
        "       Use the NEW extension pattern matching algorithm, true or false.\n",
    ),
    "dialplan set extenpatternmatchnew true": Help(
        "Use the New extension pattern matching algorithm.",
        "Usage: dialplan set extenpatternmatchnew true|false\n"
        "       Use the NEW extension pattern matching algorithm, true or false.\n",
    ),
    "group show channels": Help(
        "Display active channels with group(s)",
        "Usage: group show channels [pattern]\n"
        "       Lists all currently active channels with channel group(s) specified.\n"
        "       Optional regular expression pattern is matched to group names for each\n"
        "       channel.\n",
    ),
    "local show channels": Help(
        "List status of local channels",
        "Usage: local show channels\n"
        "       Provides summary information on active local proxy channels.\n",
    ),
    "cli show permissions": Help(
        "Show CLI permissions",
        "Usage: cli show permissions\n"
        "       Shows CLI configured permissions.\n",
    ),
    "cli show aliases": Help(
        "Show CLI command aliases",
        "Usage: cli show aliases\n"
        "       Displays a list of aliased CLI commands.\n",
    ),
    "dnsmgr status": Help(
        "Display the DNS manager status",
        "Usage: dnsmgr status\n"
        "       Displays the DNS manager status.\n",
    ),
    "acl show": Help(
        "Show a named ACL or list all named ACLs",
        "Usage: acl show [name]\n"
        "   Shows a list of named ACLs or lists all entries in a given named ACL.\n",
    ),
    "ulimit": Help(
        "Set or show process resource limits",
        "Usage: ulimit {data|limit|file|memory|stack|time|processes|virtual|core|descriptors} [<num>]\n"
        "       Shows or sets the corresponding resource limit.\n"
        "         data          Process data segment [readonly]\n"
        "         lock          Memory lock size [readonly]\n"
        "         file          File size\n"
        "         memory        Process resident memory [readonly]\n"
        "         stack         Process stack size [readonly]\n"
        "         time          CPU usage [readonly]\n"
        "         processes     Child processes\n"
        "         virtual       Process virtual memory [readonly]\n"
        "         core          Core dump file size\n"
        "         descriptors   Number of file descriptors\n",
    ),
    "indication show": Help(
        "Display a list of all countries/indications",
        "Usage: indication show [<country> ...]\n"
        "       Display either a condensed summary of all countries and indications, or a\n"
        "       more verbose list of indications for the specified countries.\n",
    ),
    "moh show classes": Help(
        "List MusicOnHold classes",
        "Usage: moh show classes\n"
        "       Lists all MusicOnHold classes.\n",
    ),
    "moh show files": Help(
        "List MusicOnHold file-based classes",
        "Usage: moh show files\n"
        "       Lists all loaded file-based MusicOnHold classes and their\n"
        "       files.\n",
    ),
    "cel show status": Help(
        "Display the CEL status",
        "Usage: cel show status\n"
        "       Displays the Channel Event Logging system status.\n",
    ),
    "keys show": Help(
        "Displays RSA key information",
        "Usage: keys show\n"
        "       Displays information about RSA keys known by Asterisk\n",
    ),
    "bridge show": Help(
        "Show information about a bridge",
        "Usage: bridge show <bridge-id>\n"
        "       Show information about the <bridge-id> bridge\n",
    ),
    "logger mute": Help(
        "Toggle logging output to a console",
        "Usage: logger mute\n"
        "       Disables logging output to the current console, making it possible to\n"
        "       gather information without being disturbed by scrolling lines.\n",
    ),
    "logger reload": Help(
        "Reopens the log files",
        "Usage: logger reload [<alt-conf>]\n"
        "       Reloads the logger subsystem state.  Use after restarting syslogd(8) if you "
        "are using syslog logging.\n",
    ),
    "logger rotate": Help(
        "Rotates and reopens the log files",
        "Usage: logger rotate\n"
        "       Rotates and Reopens the log files.\n",
    ),
    "cc report status": Help(
        "Reports CC stats",
        "Usage: cc report status\n"
        "       Report the current status of any ongoing CC transactions\n",
    ),
    "sla show trunks": Help(
        "Show SLA Trunks",
        "Usage: sla show trunks\n"
        "       This will list all trunks defined in sla.conf\n",
    ),
    "sla show stations": Help(
        "Show SLA Stations",
        "Usage: sla show stations\n"
        "       This will list all stations defined in sla.conf\n",
    ),
    "pjsip show registration": Help(
        "Show PJSIP Registration",
        "Usage: pjsip show registration <id>\n"
        "       Show the configured PJSIP Registration\n",
    ),
    "pjsip show channelstats": Help(
        "Show PJSIP Channel Stats",
        "Usage: pjsip show channelstats [ like <pattern> ]\n"
        "       List(detailed) the active PJSIP channel stats\n"
        "       Optional regular expression pattern is used to filter the list.\n",
    ),
    "pjsip set logger {on|off|host|add|method|methodadd|verbose|pcap}": Help(
        "Enable/Disable PJSIP Logger Output",
        "Usage: pjsip set logger {on|off|host <name/subnet>|add <name/subnet>|method "
        "<method>|methodadd <method>|verbose <on/off>|pcap <filename>}\n"
        "       Enables or disabling logging of SIP packets\n"
        "       read on ports bound to PJSIP transports either\n"
        "       globally or enables logging for an individual\n"
        "       host or particular SIP method(s).\n"
        "       Messages can be filtered by SIP request methods\n"
        "       INVITE, CANCEL, ACK, BYE, REGISTER, OPTIONS,\n"
        "       SUBSCRIBE, NOTIFY, PUBLISH, INFO, and MESSAGE\n",
    ),
    "pjsip set history {on|off|clear}": Help(
        "Enable/Disable PJSIP History",
        "Usage: pjsip set history {on|off|clear}\n"
        "       Enables/disables/clears the PJSIP history.\n"
        "\n"
        "       Enabling the history will start recording transmitted/received\n"
        "       packets. Disabling the history will stop recording, but keep\n"
        "       the already received packets. Clearing the history will wipe\n"
        "       the received packets from memory.\n"
        "\n"
        "       As the PJSIP history is maintained in memory, and includes\n"
        "       all received/transmitted requests and responses, it should\n"
        "       only be enabled for debugging purposes, and cleared when done.\n",
    ),
    "pjsip show history": Help(
        "Display PJSIP History",
        "Usage: pjsip show history [entry <num>|where [...]]\n"
        "       Displays the currently collected history or an\n"
        "       entry within the history.\n"
        "\n"
        "       * Running the command with no options will display\n"
        "         the entire history.\n"
        "       * Providing 'entry <num>' will display the full\n"
        "         detail of a particular entry in this history.\n"
        "       * Providing 'where ...' will allow for filtering\n"
        "         the history. The history can be filtered using\n"
        "         any of the following fields:\n"
        "         - number: The history entry number\n"
        "         - timestamp: The time associated with the history entry\n"
        "         - addr: The source/destination address of the SIP message\n"
        "         - sip.msg.request.method: The request method type\n"
        "         - sip.msg.call-id: The Call-ID header of the SIP message\n"
        "\n"
        "         When filtering, standard Boolean operators can be used,\n"
        "         as well as 'like' for regexs.\n"
        "\n"
        "         Example:\n"
        "         'pjsip show history where number > 5 and (addr = \"192.168.0.3:5060\" or addr "
        "= \"192.168.0.5:5060\")'\n",
    ),
    "pjsip send register": Help(
        "Registers an outbound registration target",
        "Usage: pjsip send register <registration> | *all \n"
        "       Unregisters the specified (or all) outbound registration(s) then starts "
        "registration(s) and schedules re-registrations.\n",
    ),
    "pjsip send unregister": Help(
        "Unregisters outbound registration target",
        "Usage: pjsip send unregister <registration> | *all\n"
        "       Unregisters the specified (or all) outbound registration(s) and stops future "
        "registration attempts.\n",
    ),
    "pjsip show maintenance": Help(
        "Show PJSIP endpoint maintenance status",
        "Usage: pjsip show maintenance [endpoint]\n"
        "       Display endpoints currently in maintenance mode.\n"
        "       If [endpoint] is given, show the status for that endpoint only.\n",
    ),
    "pjsip show transport-monitors": Help(
        "Show pjsip transport monitors",
        "Usage: pjsip show transport-monitors [ like <pattern> ]\n"
        "      Show pjsip transport monitors\n",
    ),
    "features show": Help(
        "Lists configured features",
        "Usage: features show\n"
        "       Lists configured features\n",
    ),
    "module show [like]": Help(
        "List modules and info",
        "Usage: module show [like keyword]\n"
        "       Shows Asterisk modules currently in use, and usage statistics.\n",
    ),
}
