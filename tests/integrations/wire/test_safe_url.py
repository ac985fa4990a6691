from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import AddressRefused, SettingInvalid
from integrations.wire.safe_url import Guard, is_public

REFUSED = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "100.100.100.200",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c:0:fbff:f5ff:fffe",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450:4001::200e"]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check_address(address, "hr.example.com", 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    Guard().check_address(address, "hr.example.com", 443)


@given(st.ip_addresses())
def test_nothing_passes_that_python_calls_private_or_special(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast or address.is_reserved:
        assert not is_public(address)


@pytest.mark.parametrize(
    ("network", "address"),
    [("10.20.0.0/16", "10.20.3.4"), ("10.20.3.4", "10.20.3.4"), ("fd12::/16", "fd12::9"), (" 127.0.0.0/8 ", "127.0.0.1")],
)
def test_the_operator_may_open_a_private_network(network: str, address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check_address(address, "lms.internal", 443)
    Guard(allow_networks=[network]).check_address(address, "lms.internal", 443)


def test_an_open_network_opens_nothing_beside_it() -> None:
    with pytest.raises(AddressRefused):
        Guard(allow_networks=["10.20.0.0/16"]).check_address("10.21.0.1", "lms.internal", 443)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"]
)
def test_metadata_and_link_local_stay_closed_whatever_is_opened(address: str) -> None:
    guard = Guard(allow_networks=["0.0.0.0/0", "::/0"], allow_hosts=["sandbox:80"])
    with pytest.raises(AddressRefused, match="never allowed"):
        guard.check_address(address, "sandbox", 80)


def test_an_address_that_hides_another_needs_both_to_be_open() -> None:
    nat64 = Guard(allow_networks=["64:ff9b::/96"])
    nat64.check_address("64:ff9b::808:808", "hr.example.com", 443)
    with pytest.raises(AddressRefused):
        nat64.check_address("64:ff9b::a00:1", "hr.example.com", 443)  # 10.0.0.1 behind the gateway


def test_the_sandbox_may_be_called_at_its_own_port_only() -> None:
    guard = Guard(allow_hosts=["127.0.0.1:8900"])
    guard.check_url("http://127.0.0.1:8900/workday/")
    guard.check_address("127.0.0.1", "127.0.0.1", 8900)
    with pytest.raises(AddressRefused):
        guard.check_url("http://127.0.0.1:8901/")
    with pytest.raises(AddressRefused):
        guard.check_address("127.0.0.1", "127.0.0.1", 22)


@pytest.mark.parametrize(
    "url",
    [
        "http://hr.example.com/",
        "ftp://hr.example.com/",
        "file:///etc/passwd",
        "//hr.example.com/",
        "hr.example.com",
        "https://",
        "https:///path",
        "https://user:pw@hr.example.com/",
        "https://user@hr.example.com/",
        "https://hr.example.com/#part",
        "https://hr.example.com:99999/",
        "https://hr.example.com:x/",
        "https://hr.example.com\\@evil.example/",
        "https://hr.example.com/a b",
        "https://hr.example.com/\r\nX: 1",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://127.0.0.1/",
        "https://10.0.0.1:8443/",
        "https://our-own.example.com/",
        "https://OUR-own.example.com./",
    ],
)
def test_an_address_of_the_wrong_shape_is_refused_before_it_is_looked_up(url: str) -> None:
    with pytest.raises(AddressRefused):
        Guard(own_hosts=["our-own.example.com"]).check_url(url)


@pytest.mark.parametrize("url", ["https://hr.example.com/", "https://HR.example.com.:8443/x?y=1", "https://bücher.example/"])
def test_an_ordinary_address_passes(url: str) -> None:
    Guard().check_url(url)
    with pytest.raises(AddressRefused):
        Guard().check_url(f"{url}#part")


def test_ports_may_be_limited() -> None:
    guard = Guard(ports=frozenset({443}))
    guard.check_url("https://hr.example.com/")
    with pytest.raises(AddressRefused, match="port 8443"):
        guard.check_url("https://hr.example.com:8443/")


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(SettingInvalid, match=r"10\.20"):
        Guard(allow_networks=["10.20"])
