"""TLS for clients that speak nothing else: a certificate of our own, made at the start and gone with the process.

It signs itself, so whoever is to trust it is given its file (`ca_file`) by the client's normal setting for authorities. The key is
never kept on disk.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = ("localhost", "127.0.0.1", "::1")
VALID_DAYS = 30  # of the machine's own clock: the client compares with that one, wherever the sandbox's has been moved
FILE_NAME = "sandbox-ca.pem"


class Tls:
    """What a listener needs. `ca_file` is the certificate, in PEM, for clients to trust."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(key).public_bytes(serialization.Encoding.PEM)
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / FILE_NAME
        self.ca_file.write_bytes(certificate)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with TemporaryDirectory() as passing:  # the standard library loads keys from files only; this folder is the owner's alone
            both = Path(passing) / "both.pem"
            both.write_bytes(certificate + private)
            self.context.load_cert_chain(both)


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Signs itself and serves: both must be said, or strict clients (Python 3.13 on) do not take it as an authority."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Meridian sandbox")])
    signs = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signs, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([_named(host) for host in HOSTS]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
