"""Which addresses may be called: the shape of a URL, and every network address that is about to be dialled.

The second check is the one that counts. It happens on the literal address of the connection (dial.py), so a name that
resolves to something else a moment later gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.errors import AddressRefused, NotFound, SettingInvalid
from config.sentences import sentence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Not even an operator may open these: the instance metadata services of the clouds hand out credentials to whoever asks.
NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local, with 169.254.169.254 (metadata) and 169.254.170.2 (task credentials)
        "fe80::/10",  # link-local
        "fd00:ec2::254/128",  # metadata over IPv6
        "100.100.100.200/32",  # metadata of another cloud, inside the carrier range
        "192.0.0.192/32",  # metadata of another cloud
        "168.63.129.16/32",  # a cloud's host agent; looks public
    )
)

# Own table, because `ipaddress.is_global` answers differently from one Python version to the next.
# Source: IANA special-purpose address registries for IPv4 and IPv6.
REFUSED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with broadcast
        "::/128",
        "::1/128",
        "::/96",  # IPv4-compatible, deprecated
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # local-use NAT64
        "100::/64",  # discard
        "100:0:0:1::/64",
        "2001::/23",  # protocol assignments, with Teredo 2001::/32 and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fec0::/10",  # site-local, deprecated
        "ff00::/8",  # multicast
    )
)
GLOBAL_V6 = ip_network("2000::/3")  # everything else is not handed out to anybody
NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Guard:
    """What this installation may call.

    `allow_networks`: CIDRs the operator opens (a learning system in the own data centre). `allow_hosts`: exact "host:port"
    that may be called over plain http and at any address but the ones in NEVER (the sandbox). `own_hosts`: our own names,
    refused so that we never call ourselves. `ports`: empty = any. `allow_folders`: where files may be read on this machine; without
    it, whoever may edit a connector could read any file of the server as a “table”.
    """

    allow_networks: Iterable[str] = ()
    allow_hosts: Iterable[str] = ()
    schemes: tuple[str, ...] = ("https",)
    own_hosts: Iterable[str] = ()
    ports: frozenset[int] = frozenset()
    allow_folders: Iterable[str | Path] = ()
    _networks: tuple[Network, ...] = field(init=False, repr=False, default=())
    _hosts: frozenset[str] = field(init=False, repr=False, default=frozenset())
    _own: frozenset[str] = field(init=False, repr=False, default=frozenset())
    _folders: tuple[Path, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_networks", tuple(_network(text) for text in self.allow_networks))
        object.__setattr__(self, "_hosts", frozenset(text.strip().lower() for text in self.allow_hosts))
        object.__setattr__(self, "_own", frozenset(text.strip().lower() for text in self.own_hosts))
        object.__setattr__(self, "_folders", tuple(Path(folder).resolve() for folder in self.allow_folders))

    def check_url(self, url: str) -> None:
        """Refuse what no call may look like. Raises AddressRefused; resolves nothing, so it is quick feedback and not the proof."""
        parts, host, port = _taken_apart(url)
        if parts.username is not None or parts.password is not None:
            raise AddressRefused(sentence("the address carries a user name or password; put them into their own fields"))
        if parts.fragment:
            raise AddressRefused(sentence("the address carries a “#” part"))
        if self._is_allowed_host(host, port):
            return
        if parts.scheme not in self.schemes:
            raise AddressRefused(
                sentence("%(scheme)s:// is not allowed, only %(schemes)s", scheme=parts.scheme, schemes=list(self.schemes))
            )
        if self.ports and port not in self.ports:
            raise AddressRefused(sentence("port %(port)s is not allowed", port=str(port)))
        if host in self._own:
            raise AddressRefused(sentence("%(host)s is this installation itself", host=str(host)))
        literal = _literal(host)
        if literal is not None:
            self.check_address(str(literal), host, port)

    def check_address(self, ip: str, host: str, port: int) -> None:
        """Refuse an address that is about to be dialled for `host`:`port`. Raises AddressRefused."""
        forms = _forms(ip_address(ip.partition("%")[0]))
        if any(form in network for form in forms for network in NEVER):
            raise AddressRefused(sentence("%(host)s leads to %(ip)s, which is never allowed", host=str(host), ip=str(ip)))
        if self._is_allowed_host(host, port):
            return
        if not all(is_public(form) or any(form in network for network in self._networks) for form in forms):
            raise AddressRefused(sentence("%(host)s leads to %(ip)s, which is not a public address", host=str(host), ip=str(ip)))

    def check_path(self, path: str) -> Path:
        """The real file or folder behind `path`, links followed; a relative one is looked for in each open folder.

        Raises AddressRefused when it lies outside of all of them, NotFound when it would be inside but is not there.
        """
        inside = [real for folder in self._folders if (real := (folder / path).resolve()).is_relative_to(folder)]
        for real in inside:
            if real.exists():
                return real
        if inside:
            raise NotFound(sentence("there is no “%(path)s”", path=str(path)))
        raise AddressRefused(sentence("“%(path)s” is not in a folder that the operator has opened for files", path=str(path)))

    def _is_allowed_host(self, host: str, port: int) -> bool:
        return f"{host.lower()}:{port}" in self._hosts


def is_public(address: Address) -> bool:
    """Whether this is global unicast, by our own table."""
    if address.version == 6 and address not in GLOBAL_V6:
        return False
    return not any(address in network for network in (*NEVER, *REFUSED))


def _forms(address: Address) -> list[Address]:
    """The address, and the IPv4 address a v4-mapped, NAT64, 6to4 or Teredo address stands for: that is where the packets go."""
    if isinstance(address, IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(form for form in inner if form is not None)]


def _taken_apart(url: str) -> tuple[SplitResult, str, int]:
    if any(character <= " " or character == "\\" or character == "\x7f" for character in url):
        raise AddressRefused(sentence("the address contains a space, a control character or a backslash"))
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise AddressRefused(sentence("the address cannot be read")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(sentence("the address must look like https://host/path"))
    return parts, _ascii(parts.hostname), port


def _ascii(host: str) -> str:
    """The name as DNS knows it, lower-case and without a closing dot."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise AddressRefused(sentence("“%(host)s” is not a host name", host=str(host))) from error


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _network(text: str) -> Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise SettingInvalid(sentence("“%(text)s” is not a network like 10.20.0.0/16", text=str(text))) from error
