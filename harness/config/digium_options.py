"""The options of res_digium_phone.conf that are publicly known, by section type.

The module that reads the file is closed, so an option that is not here need not be wrong: kept and told.
"""

from __future__ import annotations

_GENERAL = """
    globalpin userlist_auth config_auth server_uuid mdns_address mdns_port mdns_transport service_name
    service_discovery_enabled file_directory firmware_package_directory pjsip_message_context message_context
    transaction_initial_threads transaction_max_threads parking_exten parking_transfer_type timezone
    firmware_url_prefix
    """

_PHONE = """
    network firmware line external_line application contact ringtone alert multicastpage codec codecs
    full_name mac pin group_pin config_file contacts_display_rules blf_contact_group blf_items
    contacts_max_subscriptions blf_page_return_timeout blf_unused_linekeys send_to_vm record_own_calls
    can_forward_calls show_call_log show_call_parking logout_enabled parking_exten parking_transfer_type
    timezone ntp_resync active_ringtone active_locale locale name_format web_ui_enabled login_password
    accept_local_calls lock_preferences use_local_storage display_mc_notification small_clock
    idle_company_text wallpaper_file default_fontsize brightness contrast dim_backlight backlight_timeout
    backlight_dim_level ringer_volume speaker_volume handset_volume headset_volume handset_sidetone_db
    headset_sidetone_db reset_call_volume headset_answer ring_headset_only call_waiting_tone ehs
    lan_port_mode pc_port_mode enable_check_sync transport_tls_allowed eapol-on-disconnect
    8021x_method 8021x_passthrough 8021x_identity 8021x_anonymous_identity 8021x_password
    8021x_client_cert_url 8021x_client_cert_value 8021x_root_cert_url 8021x_root_cert_value
    d40_logo_file d45_logo_file d50_logo_file d60_logo_file d62_logo_file d65_logo_file d70_logo_file
    d80_logo_file
    """
_LINE = """
    exten digit_map line_label mailbox voicemail_uri outboundproxy_address outboundproxy_port transport
    media_encryption reregistration_timeout registration_retry_interval registration_max_retries secret
    authname context callerid subscribecontext plar_number
    """
_EXTERNAL_LINE = """
    server_address server_port transport secondary_server_address secondary_server_port
    secondary_server_transport userid authname secret register callerid
    exten digit_map line_label mailbox voicemail_uri outboundproxy_address outboundproxy_port
    media_encryption reregistration_timeout registration_retry_interval registration_max_retries
    """
_NETWORK = """
    alias cidr registration_address registration_port transport alternate_registration_address
    alternate_registration_port alternate_registration_transport alternate_transport file_url_prefix
    public_firmware_url_prefix ntp_server syslog_server syslog_port syslog_level
    network_vlan_discovery_mode network_vlan_id pc_vlan_id sip_qos rtp_qos pc_qos sip_dscp rtp_dscp
    udp_ka_interval
    """
_APPLICATION = """
    application status substatus send486 require_password translation parkinglot queue permission member
    membername location login_exten logout_exten name filename md5sum autostart
    """

GENERAL = frozenset(_GENERAL.split())
OPTIONS: dict[str, frozenset[str]] = {
    "phone": frozenset(_PHONE.split()),
    "line": frozenset(_LINE.split()),
    "external_line": frozenset(_EXTERNAL_LINE.split()),
    "network": frozenset(_NETWORK.split()),
    "application": frozenset(_APPLICATION.split()),
    "firmware": frozenset(("model", "version", "file", "public_firmware")),
    "ringtone": frozenset(("alias", "filename")),
    "alert": frozenset(("alert_info", "ring_type", "ringtone")),
    "translation": frozenset(),
    "multicastpage": frozenset(("alias", "address", "port", "priority", "interrupt")),
}
"""The ten types. A translation is a free table of words."""

APPLICATION_KINDS = ("voicemail", "parking", "queue", "custom", "status")
STATUSES = ("available", "chat", "away", "dnd", "xa", "unavailable")
"""What `status=` may say; phones themselves do not support `unavailable`, though it is often configured."""

_BUILT_IN_RINGTONES = """
    Alarm Chimes Digium GuitarStrum Jingle Office Office2 RotaryPhone SteelDrum Techno Theme Tweedle Twinkle
    Vibe
    """
BUILT_IN_RINGTONES = frozenset(_BUILT_IN_RINGTONES.split())
