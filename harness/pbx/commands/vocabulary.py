"""The words of every command that an Asterisk 22 has, in the order in which `core show help` lists them.

`{a|b}` is one of several words, `[a]` may be left out.  What is served here is what the families register; the others
are known, so that `No such command` says the same and what is not served is told apart from what does not exist.
"""

from __future__ import annotations

VOCABULARY: tuple[str, ...] = tuple(
    """
!
acl show
aoc set debug
bridge kick
bridge show all
bridge show
bridge technology show
bridge technology {suspend|unsuspend}
cc cancel [core|all]
cc report status
cdr set debug [on|off]
cdr show active
cdr show status
cdr submit
cel show status
channel dump frames
channel originate
channel redirect
channel request hangup
cli check permissions
cli reload permissions
cli show aliases
cli show permissions
config list
config reload
config show help
core abort shutdown
core clear profile
core ping taskprocessor
core reload
core reset taskprocessor
core reset taskprocessors
core restart gracefully
core restart now
core restart when convenient
core set debug category
core set debug
core set debug channel
core set trace
core set verbose
core show applications [like|describing]
core show application
core show calls [uptime]
core show channels [concise|verbose|count]
core show channeltypes
core show channeltype
core show channel
core show codecs [audio|video|image|text]
core show codec
core show config mappings
core show file formats
core show functions [like]
core show function
core show hanguphandlers all
core show hanguphandlers
core show help
core show hints
core show hint
core show image formats
core show license
core show profile
core show settings
core show sounds
core show sound
core show switches
core show sysinfo
core show taskprocessor alerted subsystems
core show taskprocessor name
core show taskprocessors [like]
core show threads
core show translation
core show uptime [seconds]
core show version
core show warranty
core stop gracefully
core stop now
core stop when convenient
core waitfullybooted
database del
database deltree
database get
database put
database query
database show
database showkey
devstate change
devstate list
dialplan add extension
dialplan add ignorepat
dialplan add include
dialplan debug
dialplan eval function
dialplan locks show
dialplan reload
dialplan remove context
dialplan remove extension
dialplan remove ignorepat
dialplan remove include
dialplan save
dialplan set chanvar
dialplan set extenpatternmatchnew false
dialplan set extenpatternmatchnew true
dialplan set global
dialplan show
dialplan show chanvar
dialplan show globals
dnsmgr refresh
dnsmgr reload
dnsmgr status
features show
file convert
group show channels
http show status
indication add
indication remove
indication show
keys init
keys show
local show channels
logger add channel
logger filter changroup
logger filter reset
logger filter show
logger mute
logger reload
logger remove channel
logger rotate
logger set level {DEBUG|TRACE|NOTICE|WARNING|ERROR|VERBOSE|DTMF} {on|off}
logger show channels
logger show levels
malloc trim
manager kick session
manager reload
manager set debug [on|off]
manager show command
manager show commands
manager show connected
manager show eventq
manager show events
manager show event
manager show settings
manager show users
manager show user
media cache create
media cache delete
media cache refresh
media cache show all
media cache show
mixmonitor {start|stop|list}
module load
module refresh
module reload
module show [like]
module unload
moh reload
moh show classes
moh show files
moh unregister class
no debug channel
pjproject set log level {default|0|1|2|3|4|5|6}
pjproject show buildopts
pjproject show log level
pjproject show log mappings
pjsip dump endpt
pjsip export config_wizard primitives [to]
pjsip list aors
pjsip list auths
pjsip list channels
pjsip list ciphers
pjsip list contacts
pjsip list endpoints
pjsip list identifies
pjsip list registrations
pjsip list subscriptions {inbound|outbound} [like]
pjsip list transports
pjsip qualify
pjsip reload qualify aor
pjsip reload qualify endpoint
pjsip send register
pjsip send unregister
pjsip set history {on|off|clear}
pjsip set logger {on|off|host|add|method|methodadd|verbose|pcap}
pjsip set maintenance
pjsip show aors
pjsip show aor
pjsip show auths
pjsip show auth
pjsip show channels
pjsip show channel
pjsip show channelstats
pjsip show contacts
pjsip show contact
pjsip show endpoints
pjsip show endpoint
pjsip show history
pjsip show identifiers
pjsip show identifies
pjsip show identify
pjsip show maintenance
pjsip show qualify aor
pjsip show qualify endpoint
pjsip show registrations
pjsip show registration
pjsip show scheduled_tasks
pjsip show settings
pjsip show subscription {inbound|outbound}
pjsip show subscriptions {inbound|outbound} [like]
pjsip show transport-monitors
pjsip show transports
pjsip show transport
pjsip show unidentified_requests
pjsip show version
presencestate change
presencestate list
realtime destroy
realtime load
realtime store
realtime update
realtime update2
rtcp set debug {on|off|ip}
rtcp set stats {on|off}
rtp resolve stun hostname
rtp set debug {on|off|ip}
rtp show settings
say load [new|old]
sla show stations
sla show trunks
sorcery memory cache dump
sorcery memory cache expire
sorcery memory cache populate
sorcery memory cache show
sorcery memory cache stale
sorcery show settings
stasis show topics
stasis show topic
stun set debug {on|off}
timing test
translate sampletype
udptl set debug {on|off|ip}
udptl show config
ulimit
voicemail forward
voicemail move
voicemail reload
voicemail remove
voicemail show aliases
voicemail show mailbox
voicemail show users [for]
voicemail show zones
xmldoc dump
xmldoc reload
    """.strip().splitlines()
)
