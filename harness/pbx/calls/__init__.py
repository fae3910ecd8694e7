"""The embedded server as a telephone exchange: channels, dialling, bridges, transfers, queues, voicemail.

`exchange` holds all channels; `live` is what a channel of any technology can do, `pjsip_channel` and `local_channel`
are the two technologies; `dialing`, `originating` and `ringing` call others; `bridge` joins two that talk.
"""
