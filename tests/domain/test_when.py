"""Phrases as people type them: each is understood rightly or asked again."""

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.when import Clock, NotUnderstood, When, read_date, read_leading, read_time, read_when, when_on
from domain.when import words as word_lists

ZONES = {
    "az": ZoneInfo("Asia/Baku"),
    "kk": ZoneInfo("Asia/Almaty"),
    "ru": ZoneInfo("Asia/Krasnoyarsk"),
    "uk": ZoneInfo("Europe/Kyiv"),
    "en": ZoneInfo("Europe/Moscow"),
}
KYIV = ZONES["uk"]
BAKU = ZONES["az"]


def noon(zone: ZoneInfo) -> datetime:
    """Wednesday, 2 December 2026, 12:00 on the wall."""
    return datetime(2026, 12, 2, 12, 0, tzinfo=zone)


def shown(answer: When | NotUnderstood) -> str:
    if isinstance(answer, NotUnderstood):
        return answer.name
    end = f"-{answer.end:%H:%M}" if answer.end else ""
    rest = f" [{answer.rest}]" if answer.rest else ""
    return f"{answer.start:%d %b %Y %H:%M}{end}{rest}".removeprefix("0")


# Expected: the moment, with [the words left over]; or the reason why the person is asked again.
AZERBAIJANI = """
7 dekabr 18:00                          7 Dec 2026 18:00
7 dekabr saat 18                        7 Dec 2026 18:00
dekabrın 7-si saat 18-də                7 Dec 2026 18:00
dekabrın 7-də saat 18:00                7 Dec 2026 18:00
dekabr ayının 7-si saat 18:00           7 Dec 2026 18:00
7 dekabr tarixində saat 18:00           7 Dec 2026 18:00
07.12.2026 tarixində saat 18:00         7 Dec 2026 18:00
gələn ayın 7 dekabr 18:00               AMBIGUOUS
7 dekabr 2026, bazar ertəsi, 18:00      7 Dec 2026 18:00
2026-cı il 7 dekabr saat 18:00          7 Dec 2026 18:00
sabah saat 18:00-da                     3 Dec 2026 18:00
SABAH SAAT 18-DƏ                        3 Dec 2026 18:00
bu gün 19.00                            2 Dec 2026 19:00
BİRİSİ GÜN SAAT 10:00                   4 Dec 2026 10:00
o biri gün 10:00                        4 Dec 2026 10:00
birisi gün                              NO_TIME
cümə axşamı 18:30                       3 Dec 2026 18:30
CÜMƏ AXŞAMI 18:30                       3 Dec 2026 18:30
cume axsami 18:30                       3 Dec 2026 18:30
cümә axşamı 18:30                       3 Dec 2026 18:30
çərşənbə axşamı 18:30                   8 Dec 2026 18:30
çərşənbə 18:30                          2 Dec 2026 18:30
çərşənbə 11:30                          9 Dec 2026 11:30
cümə günü saat 18:00                    4 Dec 2026 18:00
cümə axşam 18:30                        NO_DATE
bazar 11:00                             6 Dec 2026 11:00
bazar ertəsi 11:00                      7 Dec 2026 11:00
bazar-ertəsi 11:00                      7 Dec 2026 11:00
b.ertəsi 11:00                          7 Dec 2026 11:00
gələn bazar ertəsi 11:00                7 Dec 2026 11:00
gələn bazar ertəsi                      NO_TIME
gələn cümə 18:00                        AMBIGUOUS
bu cümə 18:00                           4 Dec 2026 18:00
gələn həftə cümə 18:00                  11 Dec 2026 18:00
keçən cümə 18:00                        AMBIGUOUS
hər cümə 18:00                          REPEATS
cümə günləri 18:00                      REPEATS
dünən 18:00                             PAST
sabah 18:00–19:30                       3 Dec 2026 18:00-19:30
sabah 18:00-dan 19:30-dək               3 Dec 2026 18:00-19:30
sabah 18:00-dan 19:30-a qədər           3 Dec 2026 18:00-19:30
sabah 18:00dan 19:30a qədər             3 Dec 2026 18:00-19:30
sabah saat 18-dən 20-dək                3 Dec 2026 18:00-20:00
sabah 18.10-dan 19.10-dək               3 Dec 2026 18:10-19:10
sabah 18:00 19:30-dək                   3 Dec 2026 18:00-19:30
sabah 18:00-dan                         3 Dec 2026 18:00
sabah 18:00-dan sonra                   AMBIGUOUS
sabah 18:00-a qədər                     AMBIGUOUS
sabah axşam saat 7-də                   3 Dec 2026 19:00
bu axşam saat 7-də                      2 Dec 2026 19:00
sabah səhər saat 9                      3 Dec 2026 09:00
sabah günortadan sonra saat 3           3 Dec 2026 15:00
sabah saat 7-də                         AMBIGUOUS
sabah saat 7 yarım                      AMBIGUOUS
sabah saat 18 otuz                      AMBIGUOUS
sabah saat 18 30                        AMBIGUOUS
sabah təxminən 18:00                    AMBIGUOUS
sabah 18                                NO_TIME
sabah 3:30                              AMBIGUOUS
sabah 03:30                             3 Dec 2026 03:30
sabah 6:30                              3 Dec 2026 06:30
2026-da 7 dekabr 18:00                  AMBIGUOUS
cümə ayın 18-də                         AMBIGUOUS
2 saatdan sonra                         2 Dec 2026 14:00
yarım saatdan sonra                     2 Dec 2026 12:30
bir saatdan sonra                       2 Dec 2026 13:00
3 gün sonra saat 18:00                  5 Dec 2026 18:00
bir həftədən sonra 18:00                9 Dec 2026 18:00
dərsdən 2 saat sonra                    AMBIGUOUS
sabah Bakı vaxtı ilə 18:00              OTHER_ZONE
iclas sabah 18:00, akt zalında          3 Dec 2026 18:00 [iclas akt zalında]
sabah 18:00 5A sinfi                    3 Dec 2026 18:00 [5A sinfi]
sabah 18:00 5-a sinfi                   3 Dec 2026 18:00 [5-a sinfi]
sabah 18:00 5 sinif                     AMBIGUOUS
bu gün                                  NO_TIME
bu gun 18.00                            2 Dec 2026 18:00
İYUNUN 7-si 18:00                       7 Jun 2027 18:00
bazar ertəsi saat 9-da                  7 Dec 2026 09:00
31 noyabr 18:00                         NO_SUCH_TIME
şənbə günü saat 11:00                   5 Dec 2026 11:00
"""
KAZAKH = """
7 желтоқсан 18:00                       7 Dec 2026 18:00
7 желтоқсанда сағат 18-де               7 Dec 2026 18:00
желтоқсанның 7-сі сағат 18:00           7 Dec 2026 18:00
2026 ж. 7 желтоқсан, дүйсенбі 18:00     7 Dec 2026 18:00
7 жел. 18:00                            7 Dec 2026 18:00
7 там. 18:00                            7 Aug 2027 18:00
ертең 18:00                             3 Dec 2026 18:00
ЕРТЕҢ САҒАТ 18:00-ДЕ                    3 Dec 2026 18:00
ертен сагат 18:00-де                    3 Dec 2026 18:00
ертең сағат 18                          3 Dec 2026 18:00
бүгін 19:00                             2 Dec 2026 19:00
бүгiн 19:00                             2 Dec 2026 19:00
бүрсігүні 10:00                         4 Dec 2026 10:00
бүрсігүні                               NO_TIME
дүйсенбі 10:00                          7 Dec 2026 10:00
дүйсенбі күні сағат 10:00               7 Dec 2026 10:00
бейсенбіде 10:00                        3 Dec 2026 10:00
жұма 18:30                              4 Dec 2026 18:30
жексенбі 11:00                          6 Dec 2026 11:00
дс 18:00                                7 Dec 2026 18:00
келесі дүйсенбі 18:00                   7 Dec 2026 18:00
келесі жұма 18:00                       AMBIGUOUS
осы жұма 18:00                          4 Dec 2026 18:00
келесі аптада жұма 18:00                11 Dec 2026 18:00
өткен жұма 18:00                        AMBIGUOUS
жұма сайын 18:00                        REPEATS
күн сайын 18:00                         REPEATS
кеше 18:00                              PAST
ертең 18:00-ден 19:30-ға дейін          3 Dec 2026 18:00-19:30
ертең сағат 18-ден 20-ға дейін          3 Dec 2026 18:00-20:00
ертең 18:00 – 19:30                     3 Dec 2026 18:00-19:30
ертең 18:00-ге дейін                    AMBIGUOUS
ертең сағат 10:00-ден кейін             AMBIGUOUS
ертең таңертең 9-да                     3 Dec 2026 09:00
ертең кешкі 7-де                        3 Dec 2026 19:00
ертең түстен кейін сағат 3-те           3 Dec 2026 15:00
ертең сағат 7-де                        AMBIGUOUS
ертең сағат 18 жарым                    AMBIGUOUS
ертең 18                                NO_TIME
2 сағаттан кейін                        2 Dec 2026 14:00
30 минуттан кейін                       2 Dec 2026 12:30
жарты сағаттан кейін                    2 Dec 2026 12:30
бір сағаттан соң                        2 Dec 2026 13:00
3 күннен кейін 18:00                    5 Dec 2026 18:00
бір аптадан кейін 18:00                 9 Dec 2026 18:00
ертең 18:00 Алматы уақытымен            OTHER_ZONE
ертең 18:00 емес                        AMBIGUOUS
бүрсігүні 18:00                         4 Dec 2026 18:00
бурсигуни 18:00                         4 Dec 2026 18:00
ертең кешкі сағат 6-да                  3 Dec 2026 18:00
ертең түнгі 9-да                        AMBIGUOUS
31 қараша 18:00                         NO_SUCH_TIME
желтоқсанның 7-сі 18:00                 7 Dec 2026 18:00
дүйсенбіде сағат 9:00-де                7 Dec 2026 09:00
"""
RUSSIAN = """
завтра в 18:00                          3 Dec 2026 18:00
завтра 18.00                            3 Dec 2026 18:00
ЗАВТРА В 18-00                          3 Dec 2026 18:00
завтра в 18-30                          3 Dec 2026 18:30
завтра в 18-30 человек                  NO_TIME
завтра 18-20                            NO_TIME
завтра 18:30:00                         3 Dec 2026 18:30
послезавтра в 9                         4 Dec 2026 09:00
после завтра в 9                        4 Dec 2026 09:00
сегодня вечером в 7                     2 Dec 2026 19:00
сегодня в 11:00                         PAST
вчера в 18:00                           PAST
в пятницу в 18:30                       4 Dec 2026 18:30
во вторник в 18:30                      8 Dec 2026 18:30
пт, 18:30                               4 Dec 2026 18:30
в среду в 18:30                         2 Dec 2026 18:30
в среду в 11:30                         9 Dec 2026 11:30
в ближайшую пятницу в 18:30             4 Dec 2026 18:30
в эту пятницу в 18:30                   4 Dec 2026 18:30
в этот понедельник в 18:30              AMBIGUOUS
в следующую пятницу в 18:30             AMBIGUOUS
на следующей неделе в пятницу в 18:30   11 Dec 2026 18:30
в пятницу через неделю в 18:30          DISAGREE
через пятницу в 18:30                   AMBIGUOUS
в последнюю пятницу в 18:30             AMBIGUOUS
в пятницу следующую в 18:30             AMBIGUOUS
каждую пятницу в 18:30                  REPEATS
по пятницам в 18:30                     REPEATS
пт-сб 18:00                             AMBIGUOUS
7 декабря в 18 часов                    7 Dec 2026 18:00
в 18 часов 7 декабря                    7 Dec 2026 18:00
7 декабря в 18 часов 30 минут           7 Dec 2026 18:30
7 декабря 18ч30                         7 Dec 2026 18:30
7-го декабря в 18:00                    7 Dec 2026 18:00
понедельник, 7 декабря 2026 г. в 18:00  7 Dec 2026 18:00
пятница, 7 декабря, 18:00               DISAGREE
завтра, 7 декабря, 18:00                DISAGREE
завтра, 3 декабря, 18:00                3 Dec 2026 18:00
в 2026 году 7 декабря в 18:00           7 Dec 2026 18:00
7 декабря следующего года в 18:00       AMBIGUOUS
на следующий год 7 декабря в 18:00      AMBIGUOUS
декабря 18 часов                        NO_DATE
завтра в 18:00 часов                    3 Dec 2026 18:00
7 декабря в 9.10                        7 Dec 2026 09:10
завтра 9.10                             AMBIGUOUS
завтра в 9.10                           3 Dec 2026 09:10
в пятницу 9.10                          AMBIGUOUS
на 7.12 в 18:00                         7 Dec 2026 18:00
на 7.12, 18.00                          7 Dec 2026 18:00
7.12 18.10                              AMBIGUOUS
7.12 18.00                              7 Dec 2026 18:00
25.12 18:00                             25 Dec 2026 18:00
7.12 - 18.00                            AMBIGUOUS
10.12 11.10 9.10 8.10                   AMBIGUOUS
завтра с 18:00 до 19:30                 3 Dec 2026 18:00-19:30
завтра c 18.10 до 19.10                 3 Dec 2026 18:10-19:10
завтра с 18.10                          3 Dec 2026 18:10
завтра 18.00-19.10                      AMBIGUOUS
завтра с 18-00 до 19-30                 3 Dec 2026 18:00-19:30
завтра с 18 до 20                       3 Dec 2026 18:00-20:00
завтра с 9 до 11                        3 Dec 2026 09:00-11:00
завтра с 9 до 11 класса                 NO_TIME
завтра с 7 до 9 вечера                  3 Dec 2026 19:00-21:00
завтра с 10 утра до 2 дня               3 Dec 2026 10:00-14:00
завтра 7-9 вечера                       3 Dec 2026 19:00-21:00
завтра 7-10 вечера                      NO_TIME
завтра с 18:00                          3 Dec 2026 18:00
завтра до 18:00                         AMBIGUOUS
до 7 декабря 18:00                      AMBIGUOUS
с 18 до 20 декабря                      AMBIGUOUS
18:00 - 19 декабря                      19 Dec 2026 18:00
7-9 декабря 18:00                       NO_DATE
7 и 8 декабря 18:00                     AMBIGUOUS
завтра 22:00-01:00                      END_BEFORE_START
завтра в 9 классе                       NO_TIME
завтра в 9 классе в 18:00               AMBIGUOUS
завтра в 9 вечером                      3 Dec 2026 21:00
завтра в 18 30                          NO_TIME
завтра в 7                              AMBIGUOUS
завтра в 7 вечера                       3 Dec 2026 19:00
завтра в 3 часа дня                     3 Dec 2026 15:00
завтра 3 дня                            NO_TIME
завтра в 2 ночи                         AMBIGUOUS
завтра 8-9 утра                         3 Dec 2026 08:00-09:00
пятница 4-го в 18:00                    AMBIGUOUS
7.12.2026г. в 18:00ч                    7 Dec 2026 18:00
перенос с 7 декабря 18:00 на 8 декабря  AMBIGUOUS
завтра в 18:00, а не в 19:00            AMBIGUOUS
завтра в 11 ночи                        3 Dec 2026 23:00
завтра в 22 часа ночи                   3 Dec 2026 22:00
завтра в 19:00 утра                     AMBIGUOUS
завтра утром вечером в 7                AMBIGUOUS
завтра в полдень                        3 Dec 2026 12:00
завтра в полночь                        NO_TIME
завтра в 24:00                          NO_SUCH_TIME
завтра в 18:75                          NO_SUCH_TIME
завтра 10 часов                         NO_TIME
без четверти 7 завтра                   NO_TIME
через 2 часа                            2 Dec 2026 14:00
через час                               2 Dec 2026 13:00
через полчаса                           2 Dec 2026 12:30
через 1 час 30 минут                    2 Dec 2026 13:30
2 часа спустя                           2 Dec 2026 14:00
через 2 часа завтра                     AMBIGUOUS
через 3 дня в 18:00                     5 Dec 2026 18:00
через неделю в 18:00                    9 Dec 2026 18:00
через день в 18:00                      AMBIGUOUS
через 9999 недель в 18:00               TOO_FAR
через 9999 часов                        23 Jan 2028 03:00
31 февраля в 18:00                      NO_SUCH_TIME
завтра около 18:00                      AMBIGUOUS
не завтра, а в пятницу 18:00            DISAGREE
завтра 18:00 по Москве                  OTHER_ZONE
завтра 18:00 (МСК)                      OTHER_ZONE
собрание по Баку завтра в 18:00         3 Dec 2026 18:00 [собрание по Баку]
в г. Баку завтра в 18:00                3 Dec 2026 18:00 [в г. Баку]
1 декабря в 11:00                       1 Dec 2027 11:00
2 декабря в 11:00                       PAST
7 декабря 2025 в 18:00                  PAST
7 декабря 2028 в 18:00                  7 Dec 2028 18:00
7 декабря 2029 в 18:00                  TOO_FAR
завтра в шесть вечера                   NO_TIME
завтра 1800                             NO_TIME
31 ноября 18:00                         NO_SUCH_TIME
7 дек. 18-00                            7 Dec 2026 18:00
сегодня вечером                         NO_TIME
"""
UKRAINIAN = """
завтра о 18:00                          3 Dec 2026 18:00
ЗАВТРА О 18:00                          3 Dec 2026 18:00
завтра о 18 годині                      3 Dec 2026 18:00
завтра 18 год.                          3 Dec 2026 18:00
післязавтра о 9                         4 Dec 2026 09:00
післязавтра                             NO_TIME
сьогодні о 19.00                        2 Dec 2026 19:00
сьогодні ввечері о 7                    2 Dec 2026 19:00
сьогодні о 7 вечора                     2 Dec 2026 19:00
у понеділок о 9:00                      7 Dec 2026 09:00
в п'ятницю                              NO_TIME
в п'ятницю о 18:30                      4 Dec 2026 18:30
в п’ятницю о 18:30                      4 Dec 2026 18:30
в пʼятницю о 18:30                      4 Dec 2026 18:30
в пятницю о 18:30                       4 Dec 2026 18:30
у неділю об 11:00                       6 Dec 2026 11:00
нд 11:00                                6 Dec 2026 11:00
у середу о 18:00                        2 Dec 2026 18:00
найближчої п'ятниці о 18:00             4 Dec 2026 18:00
цієї п'ятниці о 18:00                   4 Dec 2026 18:00
наступної п'ятниці о 18:00              AMBIGUOUS
наступного понеділка о 18:00            7 Dec 2026 18:00
наступного тижня в п'ятницю о 18:00     11 Dec 2026 18:00
минулої п'ятниці о 18:00                AMBIGUOUS
щоп'ятниці о 18:00                      REPEATS
кожної п'ятниці о 18:00                 REPEATS
вчора о 18:00                           PAST
7 грудня 18:00                          7 Dec 2026 18:00
7-го грудня о 18:00                     7 Dec 2026 18:00
7-те грудня о 18:00                     7 Dec 2026 18:00
7 лист. о 18:00                         7 Nov 2027 18:00
понеділок, 7 грудня 2026 р. о 18:00     7 Dec 2026 18:00
у п'ятницю, 7 грудня, о 18:00           DISAGREE
завтра з 18:00 до 19:30                 3 Dec 2026 18:00-19:30
завтра від 18 до 20                     3 Dec 2026 18:00-20:00
завтра до 18:00                         AMBIGUOUS
завтра о 7                              AMBIGUOUS
завтра о шостій                         NO_TIME
завтра о пів на сьому                   NO_TIME
завтра опівночі                         NO_TIME
завтра опівдні                          3 Dec 2026 12:00
завтра близько 18:00                    AMBIGUOUS
через 2 години                          2 Dec 2026 14:00
через годину                            2 Dec 2026 13:00
через пів години                        2 Dec 2026 12:30
через 3 дні о 18:00                     5 Dec 2026 18:00
через тиждень о 18:00                   9 Dec 2026 18:00
завтра о 18:00 за київським часом       OTHER_ZONE
збори завтра о 18:00 в актовій залі     3 Dec 2026 18:00 [збори в актовій залі]
об 11:00 у суботу                       5 Dec 2026 11:00
завтра о шостій вечора                  NO_TIME
цієї суботи об 11:00                    5 Dec 2026 11:00
31 листопада 18:00                      NO_SUCH_TIME
7 груд. 18:00                           7 Dec 2026 18:00
"""
ENGLISH = """
tomorrow 6pm                            3 Dec 2026 18:00
TOMORROW 6 PM                           3 Dec 2026 18:00
tomorrow 6 p.m.                         3 Dec 2026 18:00
tomorrow 6p.m.                          3 Dec 2026 18:00
tomorrow at 6:30pm                      3 Dec 2026 18:30
tomorrow at 6.30 pm                     3 Dec 2026 18:30
tomorrow at 6:30                        AMBIGUOUS
tomorrow at 06:30                       3 Dec 2026 06:30
tomorrow at 6                           AMBIGUOUS
tomorrow at 9                           AMBIGUOUS
tomorrow at 18                          3 Dec 2026 18:00
tomorrow at 18 Main Street              NO_TIME
tomorrow 6 o'clock                      AMBIGUOUS
tomorrow 12 am                          AMBIGUOUS
tomorrow 12 pm                          3 Dec 2026 12:00
tomorrow at noon                        3 Dec 2026 12:00
tomorrow at midnight                    NO_TIME
tomorrow morning at 9                   3 Dec 2026 09:00
tomorrow at 9 in the morning            3 Dec 2026 09:00
tomorrow at 3 in the afternoon          3 Dec 2026 15:00
in the evening tomorrow at 7            3 Dec 2026 19:00
tonight at 8                            2 Dec 2026 20:00
day after tomorrow at 18:00             4 Dec 2026 18:00
next Friday at 18:30                    AMBIGUOUS
next Monday at 18:30                    7 Dec 2026 18:30
Friday next week at 18:30               11 Dec 2026 18:30
Monday this week at 18:30               PAST
next week at 18:30                      NO_DATE
Friday this week next week 18:00        AMBIGUOUS
this Friday at 18:30                    4 Dec 2026 18:30
this Monday at 18:30                    AMBIGUOUS
Friday 18:30                            4 Dec 2026 18:30
Friday week 18:30                       AMBIGUOUS
last Friday of December 18:00           AMBIGUOUS
every Friday at 18:30                   REPEATS
Fridays at 18:30                        REPEATS
Every child: tomorrow 18:00             3 Dec 2026 18:00 [Every child]
7 Dec 18:00                             7 Dec 2026 18:00
December 7, 6 pm                        7 Dec 2026 18:00
the 7th of December at 18:00            7 Dec 2026 18:00
Monday, December 7, 2026 at 6:00\u202fPM  7 Dec 2026 18:00
December the 7th 6:30pm                 7 Dec 2026 18:30
6 pm December 8                         8 Dec 2026 18:00
9 May 9 May 18:00                       9 May 2027 18:00
2026-12-07 18:00                        7 Dec 2026 18:00
2026-12-07T18:00                        7 Dec 2026 18:00
2026-12-07T18:00Z                       OTHER_ZONE
2026-12-07 18:00+04:00                  OTHER_ZONE
2026/12/07 18:00                        7 Dec 2026 18:00
07.12.2026 18:00                        7 Dec 2026 18:00
07.12.26 18:00                          7 Dec 2026 18:00
07-12-2026 18:00                        7 Dec 2026 18:00
7.12 18:00                              7 Dec 2026 18:00
7.1 18:00                               7 Jan 2027 18:00
07/12/2026 18:00                        7 Dec 2026 18:00
7/12 18:00                              7 Dec 2026 18:00
12/25/2026 18:00                        NO_SUCH_TIME
18:00 7.12                              7 Dec 2026 18:00
on 7.12 at 18:00                        7 Dec 2026 18:00
7-12 18:00                              NO_DATE
\uff17 December \uff11\uff18\uff1a\uff10\uff10                        7 Dec 2026 18:00
7\u00a0December 18\u200b:00                      7 Dec 2026 18:00
7 December 18:00\u201419:30                  7 Dec 2026 18:00-19:30
7\u00b2 December 18:00                       NO_DATE
tomorrow from 18:00 to 19:30            3 Dec 2026 18:00-19:30
tomorrow between 18:00 and 19:30        3 Dec 2026 18:00-19:30
tomorrow 6-8pm                          3 Dec 2026 18:00-20:00
tomorrow 6 - 8 pm                       3 Dec 2026 18:00-20:00
tomorrow 10am-1pm                       3 Dec 2026 10:00-13:00
tomorrow from 11 to 1 pm                3 Dec 2026 11:00-13:00
tomorrow from 9 to 5pm                  3 Dec 2026 09:00-17:00
tomorrow from 9 to 11                   AMBIGUOUS
tomorrow from 9 to 11 in the evening    3 Dec 2026 21:00-23:00
tomorrow from 8 am to 10                3 Dec 2026 08:00-10:00
tomorrow 6pm 8pm                        AMBIGUOUS
tomorrow 18:00/19:00                    NO_TIME
tomorrow 18:00 - 20                     AMBIGUOUS
until 18:00 tomorrow                    AMBIGUOUS
tomorrow ~18:00                         AMBIGUOUS
half past 6 tomorrow                    NO_TIME
in 2 hours                              2 Dec 2026 14:00
in an hour                              2 Dec 2026 13:00
in half an hour                         2 Dec 2026 12:30
2 hours from now                        2 Dec 2026 14:00
2 half an hour from now                 AMBIGUOUS
in 0 minutes                            PAST
in 3 days at 18:00                      5 Dec 2026 18:00
in a week at 18:00                      9 Dec 2026 18:00
tomorrow 18:00 Kyiv time                OTHER_ZONE
tomorrow 18:00 story time               3 Dec 2026 18:00 [story time]
May we meet tomorrow 18:00              AMBIGUOUS
6                                       NO_DATE
6 pm                                    NO_DATE
1.2.3.4 18:00                           NO_DATE
29 February 18:00                       NO_SUCH_TIME
call 2026120718                         NO_DATE
half past six tomorrow                  NO_TIME
7 December 1800                         NO_TIME
31 November 18:00                       NO_SUCH_TIME
"""
TABLES = {"az": AZERBAIJANI, "kk": KAZAKH, "ru": RUSSIAN, "uk": UKRAINIAN, "en": ENGLISH}
ROWS = [
    (language, *(part.strip() for part in line.split("  ", 1)))
    for language, table in TABLES.items()
    for line in table.strip().splitlines()
]


@pytest.mark.parametrize(("language", "phrase", "expected"), ROWS)
def test_a_phrase_is_right_or_asked_again(language: str, phrase: str, expected: str) -> None:
    zone = ZONES[language]
    answer = read_when(phrase, noon(zone), zone, language)
    assert shown(answer) == expected


@pytest.mark.parametrize(("language", "phrase", "expected"), ROWS)
def test_any_reader_may_write_in_any_language(language: str, phrase: str, expected: str) -> None:
    # A reader of English is asked about 6:30, and short names of months that are words elsewhere need their own reader.
    if "лист." in phrase or "там." in phrase or "жел." in phrase or phrase in ("tomorrow at 6:30", "sabah 6:30"):
        return
    for reader in ("az", "kk", "ru", "uk", "en"):
        zone = ZONES[language]
        assert shown(read_when(phrase, noon(zone), zone, reader)) == expected


@pytest.mark.parametrize("language", TABLES)
def test_each_language_has_its_phrases(language: str) -> None:
    assert len(TABLES[language].strip().splitlines()) >= 25


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2026-12-07 18:00 First joint meeting", "7 Dec 2026 18:00 [First joint meeting]"),
        ("2026-12-07 18:00–19:30 — Birinci iclas", "7 Dec 2026 18:00-19:30 [Birinci iclas]"),
        ("7 dekabr 18:00\nBirinci iclas", "7 Dec 2026 18:00 [Birinci iclas]"),
        ("7 dekabr 18:00\u2028Sabah", "7 Dec 2026 18:00 [Sabah]"),
        ("7 декабря - 18:00 - Собрание 5А", "7 Dec 2026 18:00 [Собрание 5А]"),
        ("завтра в 18:00 в школе №5", "3 Dec 2026 18:00 [в школе №5]"),
        ("завтра в 7 вечера собрание", "3 Dec 2026 19:00 [собрание]"),
        ("завтра 18:00 Вечер поэзии", "3 Dec 2026 18:00 [Вечер поэзии]"),
        ("tomorrow 18:00 Story time", "3 Dec 2026 18:00 [Story time]"),
        ("tomorrow 18:00 May celebration", "3 Dec 2026 18:00 [May celebration]"),
        ("2026-12-07 18:00 Before the exams", "7 Dec 2026 18:00 [Before the exams]"),
        ("завтра 18:00 Час кода", "3 Dec 2026 18:00 [Час кода]"),
        ("18:00 7 декабря 2026 Год семьи", "7 Dec 2026 18:00 [Год семьи]"),
        ("завтра 18:00 Пять вечеров", "3 Dec 2026 18:00 [Пять вечеров]"),
        ("завтра 18:00 Z поколение", "3 Dec 2026 18:00 [Z поколение]"),
        ("2026-12-07 18:00 5-7 классы", "7 Dec 2026 18:00 [5-7 классы]"),
        ("2026-12-07 18:00 2027: планы", "7 Dec 2026 18:00 [2027: планы]"),
        ("через 2 часа Собрание", "2 Dec 2026 14:00 [Собрание]"),
        # A word about time that adds nothing is the title's.
        ("2026-12-07 18:00 Monday club", "7 Dec 2026 18:00 [Monday club]"),
        ("sabah 18:00 Axşam məktəbi", "3 Dec 2026 18:00 [Axşam məktəbi]"),
        # A title that is a date of its own is kept apart, or the person is asked again.
        ("2026-12-07 18:00: Завтра начинается сегодня", "7 Dec 2026 18:00 [Завтра начинается сегодня]"),
        ("2026-12-07 18:00 «Завтра» и мы", "7 Dec 2026 18:00 [«Завтра» и мы]"),
        ("2026-12-07 18:00 Завтра и мы", "DISAGREE"),
        ("2026-12-07 18:00 Friday club", "AMBIGUOUS"),
        # Words that belong to the date are never taken for a title.
        ("sabah 7:00 axşam", "AMBIGUOUS"),
        ("завтра 18:00 2027 год: планы", "AMBIGUOUS"),
        ("завтра 18:00 или 19:00", "AMBIGUOUS"),
        ("завтра 18:00 до 20 декабря", "AMBIGUOUS"),
        ("завтра 18:00 - 20", "AMBIGUOUS"),
        ("sabah 18:00 və cümə 19:00", "AMBIGUOUS"),
        ("через 2 часа после уроков", "AMBIGUOUS"),
        ("завтра 18:00 МСК собрание", "OTHER_ZONE"),
        ("завтра в 9 классе собрание", "NO_TIME"),
        ("завтра Собрание 18:00", "NO_TIME"),
        ("Собрание завтра 18:00", "NO_DATE"),
        ("", "NO_DATE"),
        ("-", "NO_DATE"),
        ("завтра 18:00 —", "3 Dec 2026 18:00"),
    ],
)
def test_a_command_begins_with_its_date_and_the_rest_is_the_title(words: str, expected: str) -> None:
    zone = ZONES["ru"]
    assert shown(read_leading(words, noon(zone), zone, "ru")) == expected


def test_what_is_left_keeps_its_own_writing() -> None:
    answer = read_leading("7 dekabr 18:00 Ş̧agird İclası 👨‍👩‍👧 й", noon(BAKU), BAKU, "az")
    assert isinstance(answer, When)
    assert answer.rest == "Ş̧agird İclası 👨‍👩‍👧 й"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("завтра", date(2026, 12, 3)),
        ("7.12", date(2026, 12, 7)),
        ("10.12", date(2026, 12, 10)),
        ("cümə", date(2026, 12, 4)),
        ("bu cümə", date(2026, 12, 4)),
        ("2026-12-07", date(2026, 12, 7)),
        ("çərşənbə", NotUnderstood.AMBIGUOUS),  # on a Wednesday: today, or in a week?
        ("вчера", NotUnderstood.PAST),
        ("7 декабря 2029", NotUnderstood.TOO_FAR),
        ("завтра 18:00", NotUnderstood.AMBIGUOUS),
        ("завтра 5", NotUnderstood.AMBIGUOUS),
        ("каждую пятницу", NotUnderstood.REPEATS),
        ("скоро", NotUnderstood.NO_DATE),
    ],
)
def test_a_form_may_ask_for_the_day_alone(words: str, expected: date | NotUnderstood) -> None:
    assert read_date(words, noon(BAKU), BAKU, "ru") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("18:00", Clock(time(18))),
        ("18", Clock(time(18))),
        ("18.10", Clock(time(18, 10))),
        ("10.12", Clock(time(10, 12))),
        ("18:00-19:30", Clock(time(18), time(19, 30))),
        ("в 7 вечера", Clock(time(19))),
        ("9", NotUnderstood.NO_TIME),
        ("24", NotUnderstood.NO_TIME),
        ("в 7", NotUnderstood.AMBIGUOUS),
        ("18:00 19:00", NotUnderstood.AMBIGUOUS),
        ("около 18:00", NotUnderstood.AMBIGUOUS),
        ("завтра 18:00", NotUnderstood.AMBIGUOUS),
        ("18:00 МСК", NotUnderstood.OTHER_ZONE),
        ("вечером", NotUnderstood.NO_TIME),
    ],
)
def test_a_form_may_ask_for_the_hour_alone(words: str, expected: Clock | NotUnderstood) -> None:
    assert read_time(words, "ru") == expected


def test_a_day_and_an_hour_make_a_moment() -> None:
    clock = Clock(time(18), time(19, 30))
    assert when_on(date(2026, 12, 7), clock, noon(BAKU), BAKU) == When(
        datetime(2026, 12, 7, 18, tzinfo=BAKU), datetime(2026, 12, 7, 19, 30, tzinfo=BAKU), ""
    )
    assert when_on(date(2026, 12, 1), clock, noon(BAKU), BAKU) is NotUnderstood.PAST
    assert when_on(date(2029, 1, 1), clock, noon(BAKU), BAKU) is NotUnderstood.TOO_FAR


# Clock changes -------------------------------------------------------------------------------------------------------

FEBRUARY = datetime(2026, 2, 1, 12, 0, tzinfo=KYIV)


@pytest.mark.parametrize("words", ["29 березня 03:30", "29 березня 2026 03:00", "29.03.2026 02:30-03:30"])
def test_an_hour_the_clocks_skip_is_refused(words: str) -> None:
    assert read_when(words, FEBRUARY, KYIV, "uk") is NotUnderstood.NO_SUCH_TIME


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    answer = read_when("25 жовтня 03:30", FEBRUARY, KYIV, "uk")
    assert isinstance(answer, When)
    assert answer.start.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_hours_from_now_are_counted_through_the_clock_change() -> None:
    saturday = datetime(2026, 3, 28, 23, 0, 45, tzinfo=KYIV)
    answer = read_when("через 5 годин", saturday, KYIV, "uk")
    assert isinstance(answer, When)
    assert (answer.start.day, answer.start.hour, answer.start.minute) == (29, 5, 0)


def test_the_reader_s_zone_decides_what_today_is() -> None:
    evening = datetime(2026, 12, 2, 19, 0, tzinfo=UTC)  # already the 3rd in Krasnoyarsk
    zone = ZONES["ru"]
    assert shown(read_when("сегодня в 18:00", evening, zone, "ru")) == "3 Dec 2026 18:00"
    assert shown(read_when("сегодня в 18:00", evening, KYIV, "ru")) == "PAST"


def test_a_leap_day_is_the_next_one_only() -> None:
    before = datetime(2027, 6, 1, 12, 0, tzinfo=BAKU)
    assert shown(read_when("29 fevral 10:00", before, BAKU, "az")) == "29 Feb 2028 10:00"


# Properties ----------------------------------------------------------------------------------------------------------

SOON = datetime(2026, 12, 3, tzinfo=UTC).replace(tzinfo=None)  # on the wall
LANGUAGES = st.sampled_from(sorted(ZONES))
VOCABULARY = sorted(
    {
        *(word for table in TABLES.values() for line in table.splitlines() for word in line.split("  ")[0].split()),
        *(" ".join(phrase) for phrase in word_lists.lexicon("ru")),
        *"- – , . : 7 12 31 18 30 2026 18:00 07.12 18.30 18-20 5A \n".split(" "),
    }
)
SENTENCES = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)


@given(words=st.one_of(st.text(max_size=60), SENTENCES), language=LANGUAGES)
@example(words="9999-99-99 99:99", language="en")
@example(words="0 0 0000 00:00", language="en")
def test_nothing_typed_raises_and_every_answer_is_possible(words: str, language: str) -> None:
    zone = ZONES[language]
    now = noon(zone)
    read_date(words, now, zone, language)
    read_time(words, language)
    for answer in (read_when(words, now, zone, language), read_leading(words, now, zone, language)):
        if isinstance(answer, NotUnderstood):
            continue
        assert now < answer.start < now + timedelta(days=3 * 366)
        assert answer.start.tzinfo is zone
        assert answer.end is None or answer.end > answer.start
        assert set(answer.rest.split()) <= set(words.split()) or answer.rest in words or len(answer.rest) < len(words)


@given(words=SENTENCES, language=LANGUAGES)
def test_capitals_and_decomposed_letters_change_nothing(words: str, language: str) -> None:
    zone = ZONES[language]
    plain = read_when(words, noon(zone), zone, language)
    for other in (words.upper(), words.replace("i", "İ"), words.replace("ı", "I")):
        again = read_when(other, noon(zone), zone, language)
        assert shown(again).split(" [")[0] == shown(plain).split(" [")[0]


@given(
    language=LANGUAGES,
    zone=st.sampled_from(sorted(ZONES.values(), key=str)),
    wall=st.datetimes(SOON, SOON + timedelta(days=757)),
    form=st.integers(0, 8),
)
def test_a_date_written_out_is_read_back(language: str, zone: ZoneInfo, wall: datetime, form: int) -> None:
    wall = wall.replace(second=0, microsecond=0)
    moment = wall.replace(tzinfo=zone)
    assume(moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall)  # the clocks skip it
    hour = f"{wall:%H:%M}"
    written = [
        f"{wall:%Y-%m-%d} {hour}",
        f"{wall:%Y-%m-%dT%H:%M}",
        f"{wall:%d.%m.%Y} {hour}",
        f"{wall:%d/%m/%Y} {hour}",
        f"{hour}, {wall:%d.%m.%y}",
        f"{format_date(wall, 'long', locale=language)} {hour}",
        f"{format_date(wall, 'full', locale=language)}, {hour}",
        f"{hour} {format_date(wall, 'full', locale=language)}",
        f"{format_date(wall, 'long', locale='en')} at {format_time(wall, 'short', locale='en')}",
    ][form]
    answer = read_when(written, noon(zone), zone, language)
    if form == 8 and wall.hour == 0:
        assert answer is NotUnderstood.AMBIGUOUS  # 12 AM
    else:
        assert answer == When(moment, None, "")
        assert read_leading(f"{written} Birgə", noon(zone), zone, language) == When(moment, None, "Birgə")


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "1.",
        "1:1",
        "1-",
        "10.12 ",
        "18:00-",
        "18:00 ",
        "в ",
        "с 9 до ",
        "a.",
        "a-",
        "завтра ",
        "in 2 hours ",
        "\u0301",
    ],
)
def test_the_longest_message_is_read_at_once(piece: str) -> None:
    words = (piece * 4096)[:4096]
    began = stopwatch.process_time()
    read_when(words, noon(BAKU), BAKU, "az")
    read_leading(words, noon(BAKU), BAKU, "az")
    assert stopwatch.process_time() - began < 1


# Word lists ----------------------------------------------------------------------------------------------------------


def test_no_two_languages_disagree_on_what_a_word_means() -> None:
    seen: dict[tuple[tuple[str, ...], word_lists.Role], int] = {}
    for code in word_lists.LANGUAGES:
        for phrase, role, value in word_lists._meanings(code, own=True):
            assert len(phrase) <= word_lists.LONGEST_PHRASE
            assert seen.setdefault((phrase, role), value) == value, (code, phrase)


@pytest.mark.parametrize("code", word_lists.LANGUAGES)
def test_each_language_names_all_months_and_weekdays(code: str) -> None:
    found = list(word_lists._meanings(code, own=True))
    assert {value for _, role, value in found if role is word_lists.Role.MONTH} == set(range(1, 13))
    assert {value for _, role, value in found if role is word_lists.Role.WEEKDAY} == set(range(7))
