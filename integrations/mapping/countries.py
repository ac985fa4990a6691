"""Countries: names, ISO 3166 alpha-2 and alpha-3 codes → alpha-2. Plain Python, one table.

English short names as sources write them; below them the other names that turn up in HR files, German ones included.
"""

from __future__ import annotations

from functools import lru_cache

from config.errors import ValueInvalid
from config.sentences import sentence
from integrations.mapping.text import shown
from integrations.mapping.words import ascii_only

TABLE = """
AD AND Andorra|AE ARE United Arab Emirates|AF AFG Afghanistan|AG ATG Antigua and Barbuda|AI AIA Anguilla|AL ALB Albania|AM ARM Armenia
AO AGO Angola|AQ ATA Antarctica|AR ARG Argentina|AS ASM American Samoa|AT AUT Austria|AU AUS Australia|AW ABW Aruba|AX ALA Åland Islands
AZ AZE Azerbaijan|BA BIH Bosnia and Herzegovina|BB BRB Barbados|BD BGD Bangladesh|BE BEL Belgium|BF BFA Burkina Faso|BG BGR Bulgaria
BH BHR Bahrain|BI BDI Burundi|BJ BEN Benin|BL BLM Saint Barthélemy|BM BMU Bermuda|BN BRN Brunei Darussalam|BO BOL Bolivia
BQ BES Bonaire, Sint Eustatius and Saba|BR BRA Brazil|BS BHS Bahamas|BT BTN Bhutan|BV BVT Bouvet Island|BW BWA Botswana|BY BLR Belarus
BZ BLZ Belize|CA CAN Canada|CC CCK Cocos Islands|CD COD Democratic Republic of the Congo|CF CAF Central African Republic|CG COG Congo
CH CHE Switzerland|CI CIV Côte d'Ivoire|CK COK Cook Islands|CL CHL Chile|CM CMR Cameroon|CN CHN China|CO COL Colombia|CR CRI Costa Rica
CU CUB Cuba|CV CPV Cabo Verde|CW CUW Curaçao|CX CXR Christmas Island|CY CYP Cyprus|CZ CZE Czechia|DE DEU Germany|DJ DJI Djibouti
DK DNK Denmark|DM DMA Dominica|DO DOM Dominican Republic|DZ DZA Algeria|EC ECU Ecuador|EE EST Estonia|EG EGY Egypt|EH ESH Western Sahara
ER ERI Eritrea|ES ESP Spain|ET ETH Ethiopia|FI FIN Finland|FJ FJI Fiji|FK FLK Falkland Islands|FM FSM Micronesia|FO FRO Faroe Islands
FR FRA France|GA GAB Gabon|GB GBR United Kingdom|GD GRD Grenada|GE GEO Georgia|GF GUF French Guiana|GG GGY Guernsey|GH GHA Ghana
GI GIB Gibraltar|GL GRL Greenland|GM GMB Gambia|GN GIN Guinea|GP GLP Guadeloupe|GQ GNQ Equatorial Guinea|GR GRC Greece
GS SGS South Georgia and the South Sandwich Islands|GT GTM Guatemala|GU GUM Guam|GW GNB Guinea-Bissau|GY GUY Guyana|HK HKG Hong Kong
HM HMD Heard Island and McDonald Islands|HN HND Honduras|HR HRV Croatia|HT HTI Haiti|HU HUN Hungary|ID IDN Indonesia|IE IRL Ireland
IL ISR Israel|IM IMN Isle of Man|IN IND India|IO IOT British Indian Ocean Territory|IQ IRQ Iraq|IR IRN Iran|IS ISL Iceland|IT ITA Italy
JE JEY Jersey|JM JAM Jamaica|JO JOR Jordan|JP JPN Japan|KE KEN Kenya|KG KGZ Kyrgyzstan|KH KHM Cambodia|KI KIR Kiribati|KM COM Comoros
KN KNA Saint Kitts and Nevis|KP PRK North Korea|KR KOR South Korea|KW KWT Kuwait|KY CYM Cayman Islands|KZ KAZ Kazakhstan|LA LAO Laos
LB LBN Lebanon|LC LCA Saint Lucia|LI LIE Liechtenstein|LK LKA Sri Lanka|LR LBR Liberia|LS LSO Lesotho|LT LTU Lithuania|LU LUX Luxembourg
LV LVA Latvia|LY LBY Libya|MA MAR Morocco|MC MCO Monaco|MD MDA Moldova|ME MNE Montenegro|MF MAF Saint Martin|MG MDG Madagascar
MH MHL Marshall Islands|MK MKD North Macedonia|ML MLI Mali|MM MMR Myanmar|MN MNG Mongolia|MO MAC Macao|MP MNP Northern Mariana Islands
MQ MTQ Martinique|MR MRT Mauritania|MS MSR Montserrat|MT MLT Malta|MU MUS Mauritius|MV MDV Maldives|MW MWI Malawi|MX MEX Mexico
MY MYS Malaysia|MZ MOZ Mozambique|NA NAM Namibia|NC NCL New Caledonia|NE NER Niger|NF NFK Norfolk Island|NG NGA Nigeria|NI NIC Nicaragua
NL NLD Netherlands|NO NOR Norway|NP NPL Nepal|NR NRU Nauru|NU NIU Niue|NZ NZL New Zealand|OM OMN Oman|PA PAN Panama|PE PER Peru
PF PYF French Polynesia|PG PNG Papua New Guinea|PH PHL Philippines|PK PAK Pakistan|PL POL Poland|PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn|PR PRI Puerto Rico|PS PSE Palestine|PT PRT Portugal|PW PLW Palau|PY PRY Paraguay|QA QAT Qatar|RE REU Réunion
RO ROU Romania|RS SRB Serbia|RU RUS Russia|RW RWA Rwanda|SA SAU Saudi Arabia|SB SLB Solomon Islands|SC SYC Seychelles|SD SDN Sudan
SE SWE Sweden|SG SGP Singapore|SH SHN Saint Helena|SI SVN Slovenia|SJ SJM Svalbard and Jan Mayen|SK SVK Slovakia|SL SLE Sierra Leone
SM SMR San Marino|SN SEN Senegal|SO SOM Somalia|SR SUR Suriname|SS SSD South Sudan|ST STP São Tomé and Príncipe|SV SLV El Salvador
SX SXM Sint Maarten|SY SYR Syria|SZ SWZ Eswatini|TC TCA Turks and Caicos Islands|TD TCD Chad|TF ATF French Southern Territories|TG TGO Togo
TH THA Thailand|TJ TJK Tajikistan|TK TKL Tokelau|TL TLS Timor-Leste|TM TKM Turkmenistan|TN TUN Tunisia|TO TON Tonga|TR TUR Türkiye
TT TTO Trinidad and Tobago|TV TUV Tuvalu|TW TWN Taiwan|TZ TZA Tanzania|UA UKR Ukraine|UG UGA Uganda|UM UMI US Outlying Islands
US USA United States|UY URY Uruguay|UZ UZB Uzbekistan|VA VAT Vatican City|VC VCT Saint Vincent and the Grenadines|VE VEN Venezuela
VG VGB British Virgin Islands|VI VIR US Virgin Islands|VN VNM Vietnam|VU VUT Vanuatu|WF WLF Wallis and Futuna|WS WSM Samoa|YE YEM Yemen
YT MYT Mayotte|ZA ZAF South Africa|ZM ZMB Zambia|ZW ZWE Zimbabwe
"""
OTHER_NAMES = """
US United States of America; America; U.S.A.; U.S.; Vereinigte Staaten; Vereinigte Staaten von Amerika; Estados Unidos
GB UK; U.K.; Great Britain; Britain; England; Scotland; Wales; Northern Ireland; Großbritannien; Vereinigtes Königreich
GB United Kingdom of Great Britain and Northern Ireland
DE Deutschland; Federal Republic of Germany; Allemagne|AT Österreich|CH Schweiz; Suisse; Svizzera|NL Holland; The Netherlands; Niederlande
FR Frankreich|IT Italien; Italia|ES Spanien; España|BE Belgien; Belgique; België|PL Polen; Polska|DK Dänemark; Danmark|SE Schweden; Sverige
NO Norwegen; Norge|FI Finnland; Suomi|IE Irland; Republic of Ireland|CZ Czech Republic; Tschechien; Tschechische Republik|HU Ungarn
GR Griechenland|PT Portugal|TR Turkey; Türkei|RU Russian Federation; Russland|UA Ukraine|JP Japan|CN People's Republic of China; PRC
KR Korea; Republic of Korea; Korea, Republic of; Südkorea|KP Democratic People's Republic of Korea|VN Viet Nam|LA Lao PDR
TW Taiwan, Province of China|IR Islamic Republic of Iran|SY Syrian Arab Republic|MD Republic of Moldova|TZ United Republic of Tanzania
BO Plurinational State of Bolivia|VE Bolivarian Republic of Venezuela|MK Macedonia|SZ Swaziland|CV Cape Verde|TL East Timor|MM Burma
CD Congo-Kinshasa; DR Congo; DRC|CG Congo-Brazzaville; Republic of the Congo|CI Ivory Coast|BN Brunei|AE UAE; U.A.E.; Emirates
HK Hong Kong SAR|MO Macau|VA Holy See|PS State of Palestine|SK Slovak Republic; Slowakei|SI Slowenien|HR Kroatien|RO Rumänien|BG Bulgarien
LU Luxemburg|BR Brasil; Brasilien|MX México; Mexiko|IN Indien|AU Australien|NZ Neuseeland|ZA Südafrika|CA Kanada|SG Singapur
"""
LONGEST_NAME = 100
NAMES_KEPT = 4096  # distinct spellings; folding one takes 3 µs


def _folded(name: str) -> str:
    words = ascii_only(name).lower().replace("&", " and ").split()
    whole = "".join("saint" if word in ("st", "st.") else word for word in words)
    return "".join(c for c in whole if c.isalnum()).removeprefix("the")


def _lines(table: str) -> list[str]:
    return [entry for line in table.strip().splitlines() for entry in line.split("|")]


def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in _lines(TABLE):
        alpha2, alpha3, name = entry.split(" ", 2)
        found |= {_folded(alpha2): alpha2, _folded(alpha3): alpha2, _folded(name): alpha2}
    for entry in _lines(OTHER_NAMES):
        alpha2, names = entry.split(" ", 1)
        found |= {_folded(name): alpha2 for name in names.split("; ")}
    return found


BY_NAME = _by_name()
ALPHA_2 = frozenset(BY_NAME.values())


def country_code(text: str) -> str:
    """“Germany”, “DEU”, “de” → “DE”. Raises ValueInvalid for what is no country."""
    if text in ALPHA_2:
        return text
    code = _looked_up(text) if len(text) <= LONGEST_NAME else None
    if code is None:
        raise ValueInvalid(
            sentence("“%(text)s” is not a country name or code; a look-up (“lookup:…”) can translate house codes", text=shown(text))
        )
    return code


@lru_cache(maxsize=NAMES_KEPT)
def _looked_up(text: str) -> str | None:
    return BY_NAME.get(_folded(text))
