"""The functions that a constrained answer may call, and the parts that a value may have.

Knows nothing of grammars. Neo4j 5's functions without those whose answer nobody can repeat
(``rand``, ``randomUUID``) and those of LOAD CSV (``file``, ``linenumber``).
"""

from __future__ import annotations

_FUNCTIONS = """
    avg collect count max min percentileCont percentileDisc stDev stDevP sum
    coalesce elementId endNode head id isEmpty keys labels last length nodes nullIf properties range
    relationships reverse size startNode tail timestamp type valueType
    toBoolean toBooleanList toBooleanOrNull toFloat toFloatList toFloatOrNull toInteger
    toIntegerList toIntegerOrNull toString toStringList toStringOrNull
    abs acos asin atan atan2 ceil cos cot degrees e exp floor haversin isNaN log log10 pi radians
    round sign sin sqrt tan
    btrim charLength character_length char_length left lower lTrim normalize replace right rTrim
    split substring toLower toUpper trim upper
    date date.realtime date.statement date.transaction date.truncate
    datetime datetime.fromEpoch datetime.fromEpochMillis datetime.realtime datetime.statement
    datetime.transaction datetime.truncate
    localdatetime localdatetime.realtime localdatetime.statement localdatetime.transaction
    localdatetime.truncate
    localtime localtime.realtime localtime.statement localtime.transaction localtime.truncate
    time time.realtime time.statement time.transaction time.truncate
    duration duration.between duration.inDays duration.inMonths duration.inSeconds
    point point.distance point.withinBBox
"""
# Of dates, times, durations and points.
_COMPONENTS = """
    year quarter month week weekYear dayOfQuarter quarterDay day ordinalDay dayOfWeek weekDay
    hour minute second millisecond microsecond nanosecond timezone offset offsetMinutes
    offsetSeconds epochMillis epochSeconds
    years quarters months weeks days hours minutes seconds milliseconds microseconds nanoseconds
    quartersOfYear monthsOfQuarter monthsOfYear daysOfWeek minutesOfHour secondsOfMinute
    millisecondsOfSecond microsecondsOfSecond nanosecondsOfSecond
    x y z longitude latitude height crs srid
"""
FUNCTIONS = tuple(_FUNCTIONS.split())
COMPONENTS = tuple(_COMPONENTS.split())
