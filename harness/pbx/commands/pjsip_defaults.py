"""The options of PJSIP's objects and what is told of those that the file does not set, as the modules register them.

The order is the one in which the manager interface tells them; the console sorts them by name. A default of `true` or
`false` also tells that what the file says is shown as one of them.
"""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    rows = (line.strip().partition(" ") for line in text.strip().splitlines())
    return {name: value for name, _, value in rows}


ENDPOINT = _table(
    """
    rpid_immediate false
    webrtc no
    ignore_183_without_sdp false
    send_aoc false
    device_state_busy_at 0
    t38_udptl_maxdatagram 0
    codec_prefs_incoming_answer prefer:pending, operation:intersect, keep:all, transcode:allow
    security_negotiation no
    dtls_rekey 0
    rtp_port_end 0
    named_pickup_group
    direct_media_method invite
    send_rpid false
    pickup_group
    sdp_session Asterisk
    dtls_verify No
    message_context
    tenantid
    mailboxes
    record_on_feature automixmon
    dtls_private_key
    dtls_fingerprint SHA-256
    overlap_context
    outgoing_call_offer_pref remote_merge
    rtp_port_start 0
    from_domain
    timers_sess_expires 1800
    named_call_group
    dtls_cipher
    media_encryption_optimistic false
    suppress_q850_reason_headers false
    aors
    identify_by
    callerid_privacy allowed_not_screened
    mwi_subscribe_replaces_unsolicited no
    cos_audio 0
    follow_early_media_fork true
    context default
    rtp_symmetric false
    transport
    moh_suggest default
    t38_udptl false
    fax_detect false
    t38_bind_udptl_to_media_address false
    tos_video 0
    srtp_tag_32 false
    refer_blind_progress true
    max_audio_streams 1
    bundle false
    use_avpf false
    call_group
    send_connected_line yes
    fax_detect_timeout 0
    sdp_owner -
    force_rport true
    callerid_tag
    rtp_timeout_hold 0
    contact_user
    suppress_moh_on_sendonly false
    use_ptime false
    media_address
    voicemail_extension
    rtp_timeout 0
    stir_shaken no
    set_var
    contact_acl
    preferred_codec_only false
    geoloc_outgoing_call_profile
    force_avp false
    record_off_feature automixmon
    from_user
    send_diversion true
    send_history_info false
    t38_udptl_ipv6 false
    tone_zone
    language
    allow_subscribe true
    rtp_ipv6 false
    callerid
    moh_passthrough false
    cos_video 0
    dtls_auto_generate_cert No
    asymmetric_rtp_codec false
    geoloc_incoming_call_profile
    ice_support false
    aggregate_mwi true
    one_touch_recording false
    mwi_from_user
    redirect_method user
    accountcode
    codec_prefs_outgoing_answer prefer:pending, operation:intersect, keep:all, transcode:allow
    allow
    rewrite_contact false
    user_eq_phone false
    rtp_engine asterisk
    follow_redirect_methods
    subscribe_context
    notify_early_inuse_ringing false
    incoming_mwi_mailbox
    incoming_call_offer_pref local
    allow_unauthenticated_options false
    auth
    direct_media_glare_mitigation none
    trust_id_inbound false
    stir_shaken_profile
    bind_rtp_to_media_address false
    disable_direct_media_on_nat false
    media_encryption no
    media_use_received_transport false
    allow_overlap true
    dtmf_mode rfc4733
    outbound_auth
    tos_audio 0
    dtls_cert_file
    dtls_ca_path
    dtls_setup active
    connected_line_method invite
    g726_non_standard false
    100rel yes
    timers yes
    direct_media true
    acl
    timers_min_se 90
    trust_id_outbound false
    sub_min_expiry 0
    rtcp_mux false
    max_video_streams 1
    accept_multiple_sdp_answers false
    codec_prefs_incoming_offer prefer:pending, operation:intersect, keep:all, transcode:allow
    codec_prefs_outgoing_offer prefer:pending, operation:union, keep:all, transcode:allow
    trust_connected_line yes
    send_pai false
    rtp_keepalive 0
    t38_udptl_ec none
    t38_udptl_nat false
    allow_transfer true
    dtls_ca_file
    outbound_proxy
    inband_progress false
    """
)

AOR = _table(
    """
    minimum_expiration 60
    default_expiration 3600
    qualify_timeout 3.000000
    qualify_2xx_only false
    mailboxes
    support_path false
    remove_unavailable false
    voicemail_extension
    max_contacts 0
    authenticate_qualify false
    contact
    maximum_expiration 7200
    qualify_frequency 0
    remove_existing false
    outbound_proxy
    """
)

AUTH = _table(
    """
    oauth_secret
    password_digest
    supported_algorithms_uas MD5
    refresh_token
    username
    md5_cred
    realm
    auth_type userpass
    password
    supported_algorithms_uac MD5
    nonce_lifetime 32
    oauth_clientid
    """
)

IDENTIFY = _table(
    """
    match
    match_request_uri
    srv_lookups true
    endpoint
    match_header
    """
)

TRANSPORT = _table(
    """
    websocket_write_timeout 100
    cos 0
    tcp_keepalive_enable false
    protocol udp
    symmetric_transport false
    domain
    verify_server No
    local_net
    bind
    allow_wildcard_certs No
    tcp_keepalive_interval_time 1
    async_operations 1
    external_media_address
    method unspecified
    external_signaling_address
    require_client_cert No
    tcp_keepalive_idle_time 30
    tos 0
    ca_list_path
    cipher
    cert_file
    external_signaling_port 0
    password
    allow_reload false
    verify_client No
    tcp_keepalive_probe_count 5
    priv_key_file
    ca_list_file
    """
)

RESOURCE_LIST = _table(
    """
    event
    resource_display_name false
    notification_batch_interval 0
    list_item
    full_state false
    """
)

GLOBAL = _table(
    """
    all_codecs_on_empty_reinvite false
    allow_sending_180_after_183 false
    contact_expiration_check_interval 30
    debug no
    default_auth_algorithms_uac MD5
    default_auth_algorithms_uas MD5
    default_from_user asterisk
    default_outbound_endpoint default_outbound_endpoint
    default_realm asterisk
    default_voicemail_extension
    disable_multi_domain false
    endpoint_identifier_order ip,username,anonymous
    ignore_uri_user_options false
    keep_alive_interval 90
    max_forwards 70
    max_initial_qualify_time 0
    mwi_disable_initial_unsolicited false
    mwi_tps_queue_high 500
    mwi_tps_queue_low -1
    norefersub yes
    regcontext
    send_contact_status_on_update_registration no
    taskprocessor_overload_trigger global
    unidentified_request_count 5
    unidentified_request_period 5
    unidentified_request_prune_interval 30
    use_callerid_contact no
    user_agent
    """
)

SYSTEM = _table(
    """
    accept_multiple_sdp_answers false
    compact_headers false
    disable_rport false
    disable_tcp_switch true
    follow_early_media_fork true
    taskpool_auto_increment 1
    taskpool_idle_timeout 60
    taskpool_initial_size 4
    taskpool_max_size 50
    taskpool_minimum_size 4
    threadpool_auto_increment 1
    threadpool_idle_timeout 60
    threadpool_initial_size 0
    threadpool_max_size 50
    timer_b 32000
    timer_t1 500
    """
)

YES_OR_NO = frozenset(
    ("mwi_subscribe_replaces_unsolicited", "send_connected_line", "stir_shaken", "trust_connected_line", "webrtc",
     "norefersub", "send_contact_status_on_update_registration", "use_callerid_contact")
)  # fmt: skip
"""Options whose truth is shown as `yes` or `no`; other options with such a default know more words."""

CAPITAL_YES_OR_NO = frozenset(
    ("verify_server", "allow_wildcard_certs", "require_client_cert", "verify_client", "dtls_auto_generate_cert")
)
"""Those that are shown as `Yes` or `No`."""

ONLY_WHERE_SET = ("contact_user", "security_mechanisms")
"""Options of an endpoint that are not shown at all while nothing sets them."""
