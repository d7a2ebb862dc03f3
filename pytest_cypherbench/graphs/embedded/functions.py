"""Names that the rules of ``decidable`` know: functions of both engines, and the parts of times.

Knows nothing of rules. The lists were made by asking Neo4j 5.26 (SHOW FUNCTIONS) and by running
each function on both engines.
"""

from __future__ import annotations

_SAME = """
abs acos all any asin atan atan2 avg btrim ceil char_length character_length coalesce collect cos
cot count date datetime date.truncate datetime.truncate localdatetime.truncate degrees duration
duration.between duration.indays duration.inmonths duration.inseconds e elementid endnode exists
exp floor head haversin id isempty isnan keys labels last left length localdatetime localtime log
log10 lower ltrim max min nodes none normalize nullif percentilecont percentiledisc pi properties
radians range reduce relationships replace reverse right round rtrim sign sin single size split
sqrt startnode stdev stdevp substring sum tail tan time toboolean tobooleanornull tofloat
tofloatornull tointeger tointegerornull tolower tostring tostringornull toupper trim type upper
shortestpath allshortestpaths datetime.fromepoch datetime.fromepochmillis
"""
_NEO4J_ONLY = """
date.realtime date.statement date.transaction datetime.realtime datetime.statement
datetime.transaction localdatetime.realtime localdatetime.statement localdatetime.transaction
localtime.realtime localtime.statement localtime.transaction localtime.truncate time.realtime
time.statement time.transaction time.truncate file linenumber graph.byelementid graph.byname
point point.distance point.withinbbox rand randomuuid timestamp tobooleanlist tofloatlist
tointegerlist tostringlist valuetype vector.similarity.cosine vector.similarity.euclidean
"""
_DATE = """
year quarter month week weekYear dayOfQuarter day ordinalDay dayOfWeek weekDay
"""
_CLOCK = "hour minute second millisecond microsecond nanosecond"
_OFFSET = "timezone offset offsetMinutes offsetSeconds"

# Functions whose answers are the same on both engines, in lower case.
SAME = frozenset(_SAME.split())
# What else Neo4j 5.26 has; every other name it refuses.
NEO4J_ONLY = frozenset(_NEO4J_ONLY.split())
# Functions that make a time, and its kind.
MOMENTS = {
    "date": "DATE",
    "datetime": "ZONED DATETIME",
    "localdatetime": "LOCAL DATETIME",
    "time": "ZONED TIME",
    "localtime": "LOCAL TIME",
}
TEMPORAL = frozenset(MOMENTS.values())
POINT_FIELDS = frozenset({"x", "y", "z", "longitude", "latitude", "height", "crs", "srid"})
DATE_FIELDS = frozenset(_DATE.split())
CLOCK_FIELDS = frozenset(_CLOCK.split())
OFFSET_FIELDS = frozenset(_OFFSET.split())
# The parts that Neo4j knows of each kind of time.
FIELDS = {
    "DATE": DATE_FIELDS,
    "LOCAL TIME": CLOCK_FIELDS,
    "ZONED TIME": CLOCK_FIELDS | OFFSET_FIELDS,
    "LOCAL DATETIME": DATE_FIELDS | CLOCK_FIELDS,
    "ZONED DATETIME": DATE_FIELDS | CLOCK_FIELDS | OFFSET_FIELDS | {"epochMillis", "epochSeconds"},
}
# The keys of a map that makes a time, in order.
MAP_KEYS = ("year", "month", "day", "hour", "minute", "second", "nanosecond")
# Functions that return a list.
LISTS = frozenset(
    {"labels", "keys", "collect", "split", "nodes", "relationships", "range", "tail", "reverse"}
)
