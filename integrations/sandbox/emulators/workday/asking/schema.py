"""The part of the Human_Resources service that this emulator speaks, once, for two uses: the WSDL and the checking of requests.

One type a block: a child a line as `name[?*+] type`, in the order the vendor's WSDL demands; `@` marks an attribute;
`->Worker` is a reference with IDs of the kinds in OBJECTS. Elements we left out of the subset are refused as unknown.
Source: docs/vendors/workday.md.
"""

from __future__ import annotations

from dataclasses import dataclass

# What a reference may be addressed by. WID works for everything.
OBJECTS: dict[str, tuple[str, ...]] = {
    "Worker": ("WID", "Employee_ID", "Contingent_Worker_ID"),
    "Organization": ("WID", "Organization_Reference_ID", "Company_Reference_ID", "Cost_Center_Reference_ID"),
    "Country": ("WID", "ISO_3166-1_Alpha-2_Code", "ISO_3166-1_Alpha-3_Code", "ISO_3166-1_Numeric-3_Code"),
    "Position_Element": ("WID", "Position_ID"),
    "Transaction_Log": ("WID", "Background_Check_ID"),
    "Transaction_Log_Type": ("WID", "Business_Process_Type", "Transaction_Log_Type_ID"),
    "Subscriber": ("WID", "Integration_System_ID"),
    "Universal_Identifier": ("WID", "Universal_Identifier_ID"),
    "Organization_Type": ("WID", "Organization_Type_ID"),
    "Organization_Role": ("WID", "Organization_Role_ID"),
    "Job_Profile": ("WID", "Job_Profile_ID"),
    "Position_Worker_Type": ("WID", "Employee_Type_ID", "Contingent_Worker_Type_ID"),
    "Location": ("WID", "Location_ID"),
    "User_Language": ("WID", "User_Language_ID"),
    "Time_Profile": ("WID", "Time_Profile_ID"),
    "Time_Zone": ("WID", "Time_Zone_ID"),
    "Termination_Subcategory": ("WID", "Termination_Subcategory_ID"),
    "Communication_Usage_Type": ("WID", "Communication_Usage_Type_ID"),
    "Phone_Device_Type": ("WID", "Phone_Device_Type_ID"),
    "National_ID_Type": ("WID", "National_ID_Type_Code"),
    "Currency": ("WID", "Currency_ID", "Currency_Numeric_Code"),
}

_FLAGS = """
Include_Reference Include_Personal_Information Include_Additional_Jobs Include_Employment_Information
Include_Compensation Include_Organizations Exclude_Organization_Support_Role_Data Exclude_Location_Hierarchies
Exclude_Cost_Centers Exclude_Cost_Center_Hierarchies Exclude_Companies Exclude_Company_Hierarchies
Exclude_Matrix_Organizations Exclude_Pay_Groups Exclude_Regions Exclude_Region_Hierarchies
Exclude_Supervisory_Organizations Exclude_Teams Exclude_Custom_Organizations Include_Roles Include_Management_Chain_Data
Include_Multiple_Managers_in_Management_Chain_Data Include_Benefit_Enrollments Include_Benefit_Eligibility
Include_Related_Persons Include_Qualifications Include_Employee_Review Include_Goals Include_Development_Items
Include_Skills Include_Photo Include_Worker_Documents Include_Transaction_Log_Data
Include_Subevents_for_Corrected_Transaction Include_Subevents_for_Rescinded_Transaction Include_Succession_Profile
Include_Talent_Assessment Include_Employee_Contract_Data Include_Contracts_for_Terminated_Workers
Include_Collective_Agreement_Data Include_Probation_Period_Data Include_Extended_Employee_Contract_Details
Include_Feedback_Received Include_User_Account Include_Career Include_Account_Provisioning Include_Background_Check_Data
Include_Contingent_Worker_Tax_Authority_Form_Information
"""
GROUP_FLAGS = tuple(_FLAGS.split())

_TYPES = """
Workday_Common_Header
  Include_Reference_Descriptors_In_Response? boolean

Server_Timestamp_Get
  @version string
Server_Timestamp
  Server_Timestamp_Data Server_Timestamp_Data
  @version string
Server_Timestamp_Data
  Server_Timestamp dateTime

Get_Workers_Request
  Request_References? Worker_Request_References
  Request_Criteria? Worker_Request_Criteria
  Response_Filter? Response_Filter
  Response_Group? Worker_Response_Group
  @version string
Worker_Request_References
  Worker_Reference+ ->Worker
  @Skip_Non_Existing_Instances boolean
  @Ignore_Invalid_References boolean
Worker_Request_Criteria
  Transaction_Log_Criteria_Data* Transaction_Log_Criteria
  Organization_Reference* ->Organization
  Country_Reference* ->Country
  Include_Subordinate_Organizations? boolean
  Position_Reference* ->Position_Element
  Event_Reference? ->Transaction_Log
  Exclude_Inactive_Workers? boolean
  Exclude_Employees? boolean
  Exclude_Contingent_Workers? boolean
  Universal_ID_Reference* ->Universal_Identifier
Transaction_Log_Criteria
  Transaction_Date_Range_Data? Effective_And_Updated_DateTime_Data
  Transaction_Type_References? Transaction_Type_References
  Subscriber_Reference? ->Subscriber
Effective_And_Updated_DateTime_Data
  Updated_From? dateTime
  Updated_Through? dateTime
  Effective_From? dateTime
  Effective_Through? dateTime
Transaction_Type_References
  Transaction_Type_Reference+ ->Transaction_Log_Type
Response_Filter
  As_Of_Effective_Date? date
  As_Of_Entry_DateTime? dateTime
  Page? decimal
  Count? decimal
Worker_Response_Group
{GROUP}

Get_Workers_Response
  Request_References? Worker_Request_References
  Request_Criteria? Worker_Request_Criteria
  Response_Filter? Response_Filter
  Response_Group? Worker_Response_Group
  Response_Results? Response_Results
  Response_Data? Workers_Response_Data
  Invalid_Reference_ID_Response* Invalid_Reference_ID_Response
  @version string
Response_Results
  Total_Results? decimal
  Total_Pages? decimal
  Page_Results? decimal
  Page? decimal
Workers_Response_Data
  Worker* Worker
Invalid_Reference_ID_Response
  Invalid_Reference_ID? string
  Invalid_Reference_ID_Type? string
Worker
  Worker_Reference? ->Worker
  Worker_Descriptor? string
  Worker_Data? Worker_Data
Worker_Data
  Worker_ID? string
  User_ID? string
  Universal_ID? string
  Personal_Data? Personal_Information_Data
  Employment_Data? Worker_Employment_Information_Data
  Compensation_Data? Worker_Compensation_Data
  Organization_Data? Worker_Organization_Wrapper_Data
  Role_Data? Worker_Role_Data
  Management_Chain_Data? Worker_Management_Chain_Data
  Transaction_Log_Entry_Data? Event_Target_Transaction_Log_Entry_Data
  User_Account_Data? System_User_for_Worker_Data

Personal_Information_Data
  Name_Data? Person_Name_Data
  Birth_Date? date
  Identification_Data? Person_Identification_Data
  Contact_Data? Contact_Information_Data
Person_Name_Data
  Legal_Name_Data Name_Wrapper
  Preferred_Name_Data? Name_Wrapper
Name_Wrapper
  Name_Detail_Data Person_Name_Detail_Data
Person_Name_Detail_Data
  Country_Reference? ->Country
  First_Name? string
  Middle_Name? string
  Last_Name? string
  Suffix_Data? Person_Name_Suffix_Data
  @Formatted_Name string
  @Reporting_Name string
Person_Name_Suffix_Data
  Social_Suffix_Descriptor? string
Person_Identification_Data
  National_ID* National_ID
National_ID
  National_ID_Data? National_ID_Data
National_ID_Data
  ID? string
  ID_Type_Reference? ->National_ID_Type
  Country_Reference? ->Country
Contact_Information_Data
  Phone_Data* Phone_Information_Data
  Email_Address_Data* Email_Address_Information_Data
Phone_Information_Data
  Phone_Number? string
  Phone_Device_Type_Reference? ->Phone_Device_Type
  Usage_Data* Communication_Method_Usage_Information_Data
Email_Address_Information_Data
  Email_Address? string
  Usage_Data* Communication_Method_Usage_Information_Data
Communication_Method_Usage_Information_Data
  Type_Data+ Communication_Usage_Type_Data
  @Public boolean
Communication_Usage_Type_Data
  Type_Reference? ->Communication_Usage_Type
  @Primary boolean

Worker_Employment_Information_Data
  Worker_Job_Data* Worker_Job_Data
  Worker_Status_Data? Worker_Status_Detail_Data
  Worker_Contract_Data? Worker_Contract_Detail_Data
Worker_Job_Data
  Position_Data? Position_Detail_Data
  Position_Organizations_Data? Position_Organization_Data
  Position_Management_Chains_Data? Position_Management_Chains_Data
  @Primary_Job boolean
Position_Detail_Data
  Position_Reference? ->Position_Element
  Position_ID? string
  Position_Title? string
  Business_Title? string
  Start_Date? date
  End_Employment_Date? date
  Worker_Type_Reference? ->Position_Worker_Type
  Job_Profile_Summary_Data? Job_Profile_in_Position_Summary_Data
  Business_Site_Summary_Data? Location_Summary_Data
  @Effective_Date date
Job_Profile_in_Position_Summary_Data
  Job_Profile_Reference? ->Job_Profile
  Job_Profile_Name? string
Location_Summary_Data
  Location_Reference? ->Location
  Name? string
  Display_Language_Reference? ->User_Language
  Time_Profile_Reference? ->Time_Profile
  Address_Data* Address_Information_Data
Address_Information_Data
  Country_Reference? ->Country
Position_Organization_Data
  Position_Organization_Data* Worker_Organization_Membership_Data
Position_Management_Chains_Data
  Position_Supervisory_Management_Chain_Data? Management_Chain_for_Worker_Data
Worker_Status_Detail_Data
  Active? boolean
  Active_Status_Date? date
  Hire_Date? date
  Original_Hire_Date? date
  End_Employment_Date? date
  Continuous_Service_Date? date
  First_Day_of_Work? date
  Terminated? boolean
  Termination_Date? date
  Primary_Termination_Reason_Reference? ->Termination_Subcategory
  Hire_Rescinded? boolean
  Termination_Last_Day_of_Work? date
  Leave_Status_Data* Leave_Status_Detail_Data
  Rehire? boolean
Leave_Status_Detail_Data
  On_Leave? boolean
  Leave_Start_Date? date
  Estimated_Leave_End_Date? date
  Leave_End_Date? date
Worker_Contract_Detail_Data
  Contract_End_Date? date

Worker_Compensation_Data
  Compensation_Guidelines_Data? Compensatable_Guidelines_Data
  Salary_and_Hourly_Data* Worker_Base_Pay_Plan_Assignment_Data
Compensatable_Guidelines_Data
  Total_Base_Pay? decimal
Worker_Base_Pay_Plan_Assignment_Data
  Amount? decimal
  Currency_Reference? ->Currency

Worker_Organization_Wrapper_Data
  Worker_Organization_Data* Worker_Organization_Membership_Data
Worker_Organization_Membership_Data
  Organization_Reference? ->Organization
  Organization_Data? Organization_Summary_Data
Organization_Summary_Data
  Organization_Reference_ID? string
  Organization_Code? string
  Organization_Name? string
  Organization_Type_Reference? ->Organization_Type
Worker_Role_Data
  Worker_Role_Assignment_Data* Organization_Role_Data
Organization_Role_Data
  Organization_Reference? ->Organization
  Organization_Role_Reference? ->Organization_Role

Worker_Management_Chain_Data
  Worker_Supervisory_Management_Chain_Data? Management_Chain_for_Worker_Data
  Worker_Matrix_Management_Chain_Data? Management_Chain_for_Worker_Data
Management_Chain_for_Worker_Data
  Management_Chain_Data* Management_Chain_Data
Management_Chain_Data
  Organization_Reference? ->Organization
  Manager_Reference* ->Worker

Event_Target_Transaction_Log_Entry_Data
  Transaction_Log_Entry* Transaction_Log_Entry
Transaction_Log_Entry
  Transaction_Log_Reference? ->Transaction_Log
  Transaction_Log_Data? Transaction_Log_Data
Transaction_Log_Data
  Transaction_Log_Description? string
  Transaction_Effective_Moment? dateTime
  Transaction_Entry_Moment? dateTime
  Transaction_Log_Type_Reference* ->Transaction_Log_Type
  Transaction_Target_Reference* ->Worker
  Is_Rescind_Or_Rescinded? boolean
  Is_Correction_Or_Corrected? boolean

System_User_for_Worker_Data
  User_Name? string
  User_Language__Reference? ->User_Language
  Time_Zone_Reference? ->Time_Zone

Validation_Fault
  Validation_Error* Validation_Error
Validation_Error
  Message? string
  Detail_Message? string
  Xpath? string
Processing_Fault
  Detail_Message? Processing_Fault_Detail
Processing_Fault_Detail
  Message? string
"""

PRIMITIVES = ("string", "boolean", "date", "dateTime", "decimal")

# Global elements: the bodies, the header and the fault details. Operation → (request element, answer element).
OPERATIONS = {
    "Get_Workers": ("Get_Workers_Request", "Get_Workers_Response"),
    "Server_Timestamp_Get": ("Server_Timestamp_Get", "Server_Timestamp"),
}
HEADER = "Workday_Common_Header"
FAULTS = ("Validation_Fault", "Processing_Fault")


@dataclass(frozen=True)
class Part:
    """A child element or (with `attribute`) an attribute. `type` is a primitive, a type of this schema, or `->` and an object."""

    name: str
    type: str
    least: int = 0
    many: bool = False
    attribute: bool = False


@dataclass(frozen=True)
class ComplexType:
    name: str
    children: tuple[Part, ...]
    attributes: tuple[Part, ...]

    def place(self, name: str) -> int:
        """Where a child stands in the sequence, -1 when there is none of that name."""
        return next((at for at, child in enumerate(self.children) if child.name == name), -1)


def _part(line: str) -> Part:
    name, type_ = line.split()
    if name.startswith("@"):
        return Part(name[1:], type_, attribute=True)
    mark = name[-1] if name[-1] in "?*+" else ""
    return Part(name.removesuffix(mark) if mark else name, type_, least=int(mark in ("", "+")), many=mark in ("*", "+"))


def _parse(text: str) -> dict[str, ComplexType]:
    types: dict[str, list[Part]] = {}
    current: list[Part] = []
    for line in text.splitlines():
        if line.startswith(" "):
            current.append(_part(line))
        elif line.strip():
            current = types.setdefault(line.strip(), [])
    return {
        name: ComplexType(name, tuple(p for p in parts if not p.attribute), tuple(p for p in parts if p.attribute))
        for name, parts in types.items()
    }


TYPES = _parse(_TYPES.replace("{GROUP}", "\n".join(f"  {flag}? boolean" for flag in GROUP_FLAGS)))
