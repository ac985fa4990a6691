"""Where Meridian Works works: sites, departments, the named part of the chart, and what people are called there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Location:
    code: str
    name: str
    country: str  # ISO 3166 alpha-2
    time_zone: str  # IANA
    company: str
    currency: str
    dial: str


@dataclass(frozen=True)
class Department:
    code: str
    name: str
    division: str
    cost_center: str
    roles: tuple[str, ...]


LOCATIONS: tuple[Location, ...] = (
    Location("TYO", "Tokyo Shinagawa", "JP", "Asia/Tokyo", "Meridian Works K.K.", "JPY", "+81"),
    Location("BER", "Berlin Ostkreuz", "DE", "Europe/Berlin", "Meridian Works GmbH", "EUR", "+49"),
    Location("LIS", "Lisbon Alvalade", "PT", "Europe/Lisbon", "Meridian Works Lda", "EUR", "+351"),
    Location("SAO", "São Paulo Pinheiros", "BR", "America/Sao_Paulo", "Meridian Works Ltda", "BRL", "+55"),
    Location("BLR", "Bengaluru Indiranagar", "IN", "Asia/Kolkata", "Meridian Works Pvt Ltd", "INR", "+91"),
    Location("AUS", "Austin Mueller", "US", "America/Chicago", "Meridian Works Inc", "USD", "+1"),
    Location("LON", "London Bankside", "GB", "Europe/London", "Meridian Works Ltd", "GBP", "+44"),
    Location("MAD", "Madrid Chamberí", "ES", "Europe/Madrid", "Meridian Works SL", "EUR", "+34"),
    Location("MIL", "Milan Isola", "IT", "Europe/Rome", "Meridian Works Srl", "EUR", "+39"),
    Location("SHA", "Shanghai Xuhui", "CN", "Asia/Shanghai", "Meridian Works Co Ltd", "CNY", "+86"),
    Location("AMS", "Amsterdam Noord", "NL", "Europe/Amsterdam", "Meridian Works BV", "EUR", "+31"),
    Location("WAW", "Warsaw Praga", "PL", "Europe/Warsaw", "Meridian Works Sp. z o.o.", "PLN", "+48"),
)
LOCATION = {location.code: location for location in LOCATIONS}

DEPARTMENTS: tuple[Department, ...] = (
    Department("D-4000", "Executive Office", "Corporate", "CC-400", ("Executive Assistant", "Chief of Staff")),
    Department("D-4100", "Engineering", "Technology", "CC-410", ("Software Engineer", "Test Engineer", "Site Reliability Engineer")),
    Department("D-4200", "Product", "Technology", "CC-420", ("Product Manager", "Product Designer", "User Researcher")),
    Department("D-4300", "Data and Analytics", "Technology", "CC-430", ("Analyst", "Data Engineer", "Data Steward")),
    Department("D-4410", "Digital Sales", "Commercial", "CC-441", ("Account Manager", "Sales Engineer", "Partner Manager")),
    Department("D-4500", "Marketing", "Commercial", "CC-450", ("Content Editor", "Campaign Planner", "Brand Designer")),
    Department("D-4600", "Customer Success", "Commercial", "CC-460", ("Support Engineer", "Onboarding Specialist", "Customer Coach")),
    Department("D-4700", "Supply Chain", "Operations", "CC-470", ("Logistics Planner", "Buyer", "Warehouse Lead")),
    Department("D-4800", "Quality and Safety", "Operations", "CC-480", ("Quality Inspector", "Safety Officer", "Auditor")),
    Department("D-4900", "Finance", "Corporate", "CC-490", ("Accountant", "Controller", "Payroll Specialist")),
    Department("D-5000", "People and Learning", "Corporate", "CC-500", ("Learning Designer", "Recruiter", "HR Partner")),
)
DEPARTMENT = {department.code: department for department in DEPARTMENTS}

LEVELS = (" I", " II", " III")  # a title is "Analyst II", or "Senior Analyst" for the fourth step
TEAM_SIZE = 25  # workers to a unit once the company outgrows the named chart

# (name, index of the parent, department): five levels, root first. Unit u is led by worker u of the Workday population.
NAMED_UNITS: tuple[tuple[str, int, str], ...] = (
    ("Meridian Works", -1, "D-4000"),
    ("Technology", 0, "D-4100"),
    ("Commercial", 0, "D-4410"),
    ("Operations", 0, "D-4700"),
    ("Corporate Services", 0, "D-4000"),
    ("Engineering", 1, "D-4100"),
    ("Product", 1, "D-4200"),
    ("Data and Analytics", 1, "D-4300"),
    ("Sales", 2, "D-4410"),
    ("Marketing", 2, "D-4500"),
    ("Customer Success", 2, "D-4600"),
    ("Supply Chain", 3, "D-4700"),
    ("Quality and Safety", 3, "D-4800"),
    ("Finance", 4, "D-4900"),
    ("People and Learning", 4, "D-5000"),
    ("Platform", 5, "D-4100"),
    ("Applications", 5, "D-4100"),
    ("Infrastructure", 5, "D-4100"),
    ("Product Design", 6, "D-4200"),
    ("Product Management", 6, "D-4200"),
    ("Business Analytics", 7, "D-4300"),
    ("Sales EMEA", 8, "D-4410"),
    ("Sales Americas", 8, "D-4410"),
    ("Sales APAC", 8, "D-4410"),
    ("Brand", 9, "D-4500"),
    ("Customer Support", 10, "D-4600"),
    ("Customer Onboarding", 10, "D-4600"),
    ("Logistics", 11, "D-4700"),
    ("Procurement", 11, "D-4700"),
    ("Plant Safety", 12, "D-4800"),
    ("Payments Team", 15, "D-4100"),
    ("Identity Team", 15, "D-4100"),
    ("Mobile Team", 16, "D-4100"),
    ("Web Team", 16, "D-4100"),
    ("Cloud Team", 17, "D-4100"),
    ("Iberia Team", 21, "D-4410"),
    ("Central Europe Team", 21, "D-4410"),
    ("Brazil Team", 22, "D-4410"),
    ("Japan Team", 23, "D-4410"),
    ("Support Lisbon Team", 25, "D-4600"),
)
