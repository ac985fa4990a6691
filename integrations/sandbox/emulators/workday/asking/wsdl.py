"""The service's WSDL, rendered from the schema: document/literal, qualified, one port, no imports."""

from __future__ import annotations

from functools import lru_cache

from integrations.sandbox.emulators.workday.asking.schema import FAULTS, HEADER, OBJECTS, OPERATIONS, PRIMITIVES, TYPES, ComplexType, Part

WD = "urn:com.workday/bsvc"


@lru_cache(maxsize=32)
def wsdl(service: str, version: str, address: str) -> bytes:
    """The document for one service, version and `soap:address`."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="{service}" targetNamespace="{WD}/{service}" xmlns:wd="{WD}" xmlns:wd-wsdl="{WD}/{service}"\
 xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"\
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
<wsdl:types>{schema_document(version)}</wsdl:types>
{_messages()}
<wsdl:portType name="{service}Port">{"".join(map(_abstract, OPERATIONS))}</wsdl:portType>
<wsdl:binding name="{service}Binding" type="wd-wsdl:{service}Port">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{"".join(map(_concrete, OPERATIONS))}</wsdl:binding>
<wsdl:service name="{service}Service"><wsdl:port name="{service}" binding="wd-wsdl:{service}Binding">
<soap:address location="{address}"/></wsdl:port></wsdl:service>
</wsdl:definitions>""".encode()


@lru_cache(maxsize=8)
def schema_document(version: str) -> str:
    """The XML schema alone, as text."""
    elements = [HEADER, *FAULTS, *(name for pair in OPERATIONS.values() for name in pair)]
    return (
        f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:wd="{WD}" targetNamespace="{WD}"'
        f' elementFormDefault="qualified" attributeFormDefault="qualified" version="{version}">'
        + "".join(f'<xsd:element name="{name}" type="wd:{name}Type"/>' for name in elements)
        + "".join(map(_complex, TYPES.values()))
        + "".join(map(_object, OBJECTS))
        + "</xsd:schema>"
    )


def _complex(type_: ComplexType) -> str:
    children = "".join(map(_element, type_.children))
    attributes = "".join(f'<xsd:attribute name="{part.name}" type="{_name(part)}"/>' for part in type_.attributes)
    return f'<xsd:complexType name="{type_.name}Type"><xsd:sequence>{children}</xsd:sequence>{attributes}</xsd:complexType>'


def _element(part: Part) -> str:
    most = ' maxOccurs="unbounded"' if part.many else ""
    return f'<xsd:element name="{part.name}" type="{_name(part)}" minOccurs="{part.least}"{most}/>'


def _name(part: Part) -> str:
    if part.type in PRIMITIVES:
        return f"xsd:{part.type}"
    return f"wd:{part.type[2:]}ObjectType" if part.type.startswith("->") else f"wd:{part.type}Type"


def _object(name: str) -> str:
    kinds = "".join(f'<xsd:enumeration value="{kind}"/>' for kind in OBJECTS[name])
    return (
        f'<xsd:simpleType name="{name}ReferenceEnumeration"><xsd:restriction base="xsd:string">{kinds}</xsd:restriction></xsd:simpleType>'
        f'<xsd:complexType name="{name}ObjectIDType"><xsd:simpleContent><xsd:extension base="xsd:string">'
        f'<xsd:attribute name="type" type="wd:{name}ReferenceEnumeration" use="required"/></xsd:extension></xsd:simpleContent>'
        "</xsd:complexType>"
        f'<xsd:complexType name="{name}ObjectType"><xsd:sequence>'
        f'<xsd:element name="ID" type="wd:{name}ObjectIDType" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>'
        f'<xsd:attribute name="Descriptor" type="xsd:string"/></xsd:complexType>'
    )


def _messages() -> str:
    header = f'<wsdl:part name="header" element="wd:{HEADER}"/>'
    bodies = "".join(
        f'<wsdl:message name="{name}InputMsg"><wsdl:part name="body" element="wd:{asked}"/>{header}</wsdl:message>'
        f'<wsdl:message name="{name}OutputMsg"><wsdl:part name="body" element="wd:{answered}"/></wsdl:message>'
        for name, (asked, answered) in OPERATIONS.items()
    )
    faults = "".join(f'<wsdl:message name="{name}Msg"><wsdl:part name="fault" element="wd:{name}"/></wsdl:message>' for name in FAULTS)
    return bodies + faults


def _abstract(name: str) -> str:
    faults = "".join(f'<wsdl:fault name="{fault}" message="wd-wsdl:{fault}Msg"/>' for fault in FAULTS)
    return (
        f'<wsdl:operation name="{name}"><wsdl:input message="wd-wsdl:{name}InputMsg"/>'
        f'<wsdl:output message="wd-wsdl:{name}OutputMsg"/>{faults}</wsdl:operation>'
    )


def _concrete(name: str) -> str:
    faults = "".join(f'<wsdl:fault name="{fault}"><soap:fault name="{fault}" use="literal"/></wsdl:fault>' for fault in FAULTS)
    return (
        f'<wsdl:operation name="{name}"><soap:operation soapAction="" style="document"/>'
        f'<wsdl:input><soap:body parts="body" use="literal"/>'
        f'<soap:header message="wd-wsdl:{name}InputMsg" part="header" use="literal"/></wsdl:input>'
        f'<wsdl:output><soap:body parts="body" use="literal"/></wsdl:output>{faults}</wsdl:operation>'
    )
