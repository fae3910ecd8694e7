"""The names of applications, so that a slip is told apart from what is only not served here."""

from __future__ import annotations

from harness.core.octets import fold
from harness.dialplan.applications import NAMES

_NOT_SERVED = """
    AddQueueMember ADSIProg AELSub AgentLogin AgentRequest AlarmReceiver AMD AttendedTransfer AudioSocket Authenticate
    BlindTransfer Bridge BridgeAdd BridgeWait Broadcast CallCompletionCancel CallCompletionRequest ChanIsAvail
    ChannelRedirect ClearHash ContinueWhile ControlPlayback DAHDIAcceptR2Call DAHDIRAS DAHDIScan
    DAHDISendCallreroutingFacility DAHDISendKeypadFacility DBdel DBdeltree Dictate Directory DISA Echo ExternalIVR
    FollowMe GetCPEID HangupCauseClear IAX2Provision ICES ImportVar Incomplete IVRDemo JabberJoin JabberLeave
    JabberSendGroup JabberStatus JACK MailboxExists MeetMeAdmin MeetMeChannelAdmin MeetMeCount MessageSend
    MinivmAccMess MinivmDelete MinivmGreet MinivmMWI MinivmNotify MinivmRecord NBScat ODBC_Commit ODBC_Rollback
    ODBCFinish Originate OSPAuth OSPFinish OSPLookup OSPNext Page Park ParkAndAnnounce ParkedCall PauseQueueMember
    Pickup PickupChan PrivacyManager Queue QueueUpdate ReadExten ReadFile ReceiveFAX ReceiveMF ReceiveSF ReceiveText
    Reload RemoveQueueMember RetryDial SendFAX Signal SkelGuessNumber SLAStation SLATrunk SMS SoftHangup
    SpeechActivateGrammar SpeechBackground SpeechCreate SpeechDeactivateGrammar SpeechDestroy SpeechLoadGrammar
    SpeechProcessingSound SpeechStart SpeechUnloadGrammar StartMusicOnHold TestClient TestServer Transfer
    UnpauseQueueMember VMAuthenticate VMSayName VoiceMail VoiceMailMain VoiceMailPlayMsg WaitDigit WaitForCondition
    WaitForRing WaitForSignal WaitUntil
    """
"""What Asterisk 22 has besides those of the package `dialplan`: here served elsewhere, or not at all."""

_GONE = {
    "Gosub": ("Macro", "MacroExclusive"),
    "GosubIf": ("MacroIf",),
    "Return": ("MacroExit",),
    "MixMonitor": ("Monitor", "PauseMonitor", "UnpauseMonitor", "ChangeMonitor"),
    "StopMixMonitor": ("StopMonitor",),
    "AGI": ("DeadAGI",),
    "CDR_PROP()": ("NoCDR",),
    "MusicOnHold": ("WaitMusicOnHold",),
    "CHANNEL(musicclass)": ("SetMusicOnHold",),
    "PJSIP_HEADER()": ("SIPAddHeader", "SIPRemoveHeader"),
}
"""What older releases had, by what took its place."""

APPLICATIONS = tuple(sorted({*NAMES, *_NOT_SERVED.split()}))
"""As Asterisk spells them."""
KNOWN = frozenset(map(fold, APPLICATIONS))
"""The same in lower case."""
SUCCESSORS = {fold(name): instead for instead, names in _GONE.items() for name in names}
"""What took the place of an application that Asterisk 22 no longer has, by its lower-case name."""
