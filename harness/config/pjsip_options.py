"""The option names of Asterisk 22's PJSIP objects, as the modules register them.

An object with an option that is not here, or with a number that is none, is not loaded by Asterisk.
Names that begin with `@` are free in every object.
"""

from __future__ import annotations

_NUMBERS: dict[str, str] = {
    "endpoint": """
        timers_min_se timers_sess_expires rtp_keepalive rtp_timeout rtp_timeout_hold rtp_port_start
        rtp_port_end device_state_busy_at t38_udptl_maxdatagram fax_detect_timeout cos_audio cos_video
        sub_min_expiry max_audio_streams max_video_streams
        """,
    "aor": "minimum_expiration maximum_expiration default_expiration qualify_frequency max_contacts",
    "auth": "nonce_lifetime",
    "transport": "async_operations external_signaling_port cos",
    "global": """
        max_forwards keep_alive_interval max_initial_qualify_time contact_expiration_check_interval
        unidentified_request_count unidentified_request_period unidentified_request_prune_interval
        mwi_tps_queue_high
        """,
    "resource_list": "notification_batch_interval",
    "system": """
        timer_t1 timer_b taskpool_minimum_size taskpool_initial_size threadpool_initial_size
        taskpool_auto_increment threadpool_auto_increment taskpool_idle_timeout threadpool_idle_timeout
        taskpool_max_size threadpool_max_size
        """,
    "registration": """
        expiration max_random_initial_delay retry_interval forbidden_retry_interval fatal_retry_interval
        max_retries
        """,
    "outbound-publish": "expiration max_auth_attempts",
}

_OTHERS: dict[str, str] = {
    "endpoint": """
        context disallow allow dtmf_mode rtp_ipv6 rtp_symmetric ice_support use_ptime force_rport
        rewrite_contact transport outbound_proxy moh_suggest 100rel timers auth outbound_auth aors
        media_address bind_rtp_to_media_address identify_by direct_media direct_media_method
        trust_connected_line send_connected_line connected_line_method direct_media_glare_mitigation
        disable_direct_media_on_nat callerid callerid_privacy callerid_tag trust_id_inbound trust_id_outbound
        send_pai send_rpid rpid_immediate send_diversion send_history_info mailboxes voicemail_extension
        aggregate_mwi mwi_subscribe_replaces_unsolicited media_encryption use_avpf force_avp
        media_use_received_transport one_touch_recording inband_progress call_group pickup_group
        named_call_group named_pickup_group t38_udptl t38_udptl_ec fax_detect t38_udptl_nat t38_udptl_ipv6
        t38_bind_udptl_to_media_address tone_zone language record_on_feature record_off_feature
        allow_transfer user_eq_phone moh_passthrough sdp_owner sdp_session tos_audio tos_video
        allow_subscribe from_user from_domain mwi_from_user rtp_engine dtls_verify dtls_rekey
        dtls_auto_generate_cert dtls_cert_file dtls_private_key dtls_cipher dtls_ca_file dtls_ca_path
        dtls_setup dtls_fingerprint srtp_tag_32 media_encryption_optimistic g726_non_standard
        redirect_method follow_redirect_methods set_var message_context accountcode deny permit acl
        contact_deny contact_permit contact_acl subscribe_context contact_user preferred_codec_only
        asymmetric_rtp_codec rtcp_mux allow_overlap overlap_context refer_blind_progress
        notify_early_inuse_ringing bundle webrtc incoming_mwi_mailbox follow_early_media_fork
        accept_multiple_sdp_answers suppress_q850_reason_headers ignore_183_without_sdp
        incoming_call_offer_pref outgoing_call_offer_pref codec_prefs_incoming_offer
        codec_prefs_outgoing_offer codec_prefs_incoming_answer codec_prefs_outgoing_answer stir_shaken
        stir_shaken_profile allow_unauthenticated_options geoloc_incoming_call_profile
        geoloc_outgoing_call_profile security_mechanisms security_negotiation send_aoc tenantid
        suppress_moh_on_sendonly
        """,
    "aor": """
        qualify_timeout qualify_2xx_only authenticate_qualify remove_existing remove_unavailable contact
        mailboxes voicemail_extension outbound_proxy support_path
        """,
    "auth": """
        username password refresh_token oauth_clientid oauth_secret md5_cred realm auth_type password_digest
        supported_algorithms_uac supported_algorithms_uas
        """,
    "identify": "endpoint match match_header match_request_uri srv_lookups",
    "transport": """
        protocol bind ca_list_file ca_list_path cert_file priv_key_file password external_signaling_address
        external_media_address domain verify_server verify_client require_client_cert allow_wildcard_certs
        method tcp_keepalive_enable tcp_keepalive_idle_time tcp_keepalive_interval_time
        tcp_keepalive_probe_count cipher local_net tos websocket_write_timeout allow_reload
        symmetric_transport
        """,
    "global": """
        user_agent default_outbound_endpoint debug endpoint_identifier_order default_from_user
        default_voicemail_extension regcontext disable_multi_domain default_realm mwi_tps_queue_low
        mwi_disable_initial_unsolicited allow_sending_180_after_183 ignore_uri_user_options
        use_callerid_contact send_contact_status_on_update_registration taskprocessor_overload_trigger
        norefersub all_codecs_on_empty_reinvite default_auth_algorithms_uas default_auth_algorithms_uac
        """,
    "resource_list": "event full_state list_item resource_display_name",
    "system": """
        compact_headers disable_tcp_switch follow_early_media_fork accept_multiple_sdp_answers disable_rport
        """,
    "registration": """
        server_uri client_uri contact_user contact_header_params transport outbound_proxy
        auth_rejection_permanent outbound_auth support_path support_outbound security_negotiation
        security_mechanisms line endpoint user_agent
        """,
    "acl": "permit deny acl contact_permit contact_deny contact_acl",
    "domain_alias": "domain",
    "outbound-publish": "server_uri from_uri event to_uri outbound_proxy transport outbound_auth multi_user",
    "asterisk-publication": """
        devicestate_publish mailboxstate_publish device_state device_state_filter mailbox_state
        mailbox_state_filter
        """,
}

NUMBERS: dict[str, frozenset[str]] = {kind: frozenset(text.split()) for kind, text in _NUMBERS.items()}
"""Options whose value must be an unsigned number."""

OPTIONS: dict[str, frozenset[str]] = {
    kind: frozenset(text.split()) | NUMBERS.get(kind, frozenset()) for kind, text in _OTHERS.items()
}
"""Every option by section type. Types that take any option (phoneprov, inbound-publication) are not here."""

RANGES: dict[tuple[str, str], tuple[int, int]] = {
    ("aor", "qualify_frequency"): (0, 86400),
    ("transport", "external_signaling_port"): (0, 65535),
    ("endpoint", "rtp_port_start"): (0, 65535),
    ("endpoint", "rtp_port_end"): (0, 65535),
}

READ_TYPES = (
    *("endpoint", "aor", "auth", "identify", "transport", "global", "system", "resource_list", "domain_alias"),
    "acl",
)
KNOWN_TYPES = (
    *READ_TYPES,
    *("registration", "phoneprov", "outbound-publish", "inbound-publication"),
    *("asterisk-publication", "contact"),
)
SINGLE_TYPES = ("global", "system")
"""There may be one object of them; a section of that very name needs no `type=`."""

WIZARD_OPTIONS = frozenset(
    (
        *("type", "transport", "remote_hosts", "outbound_proxy", "sends_auth", "accepts_auth"),
        *("sends_registrations", "sends_line_with_registrations", "accepts_registrations", "has_phoneprov"),
        *("server_uri_pattern", "client_uri_pattern", "contact_pattern", "has_hint", "hint_context"),
        *("hint_exten", "hint_application"),
    )
)
WIZARD_PREFIXES = (*("endpoint", "aor", "inbound_auth", "outbound_auth", "identify", "registration", "phoneprov"),)
