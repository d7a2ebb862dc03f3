"""The invented trading company behind the graph `orders`: places, people and suppliers.

Knows nothing of files. A line is a record, its fields between bars; an empty field is absent.
"""

from __future__ import annotations

from records import records

# key | name | kind | population | part of
REGIONS = records("""
all | All Markets | world | |
merrow | Merrow | country | 4120000 | all
castaveil | Castaveil | country | 6850000 | all
ulvern | Ulvern | country | 910000 | all
skarne | Skarne | country | 530000 | all
skarnefold | Skarnefold | province | 47000 | skarne
north-merrow | North Merrow | province | 880000 | merrow
lowmarch | Lowmarch | province | 1460000 | merrow
saltcoast | Saltcoast | province | | merrow
vinedale | Vinedale | province | 2300000 | castaveil
upper-castaveil | Upper Castaveil | province | 1700000 | castaveil
isles | Ulvern Isles | province | 190000 | ulvern
brackenford | Brackenford | town | 41000 | north-merrow
hexley | Hexley | town | 12500 | north-merrow
newbridge-north | Newbridge | town | 8700 | north-merrow
pellbridge | Pellbridge | town | 203000 | lowmarch
dunmarsh | Dunmarsh | town | 67000 | lowmarch
otterwick | Otterwick | town | 31000 | lowmarch
saltquay | Saltquay | town | 154000 | saltcoast
mewstone | Mewstone | town | | saltcoast
bellorne | Bellorne | town | 98000 | vinedale
clairvigne | Clairvigne | town | 22000 | vinedale
newbridge-south | Newbridge | town | 15300 | vinedale
asterre | Asterre | town | 120000 | upper-castaveil
montreval | Montreval | town | 41000 | upper-castaveil
port-castaveil | Port Castaveil | town | 512000 | castaveil
storholm | Storholm | town | 5400 | isles
kjelvik | Kjelvik | town | 73000 | ulvern
""")

# name | email | founded | rating | town
SUPPLIERS = records("""
Ardent Foundry | orders@ardent.example | 1894 | 88 | dunmarsh
Bellorne Glass | sales@bellorneglass.example | 1951 | 92 | bellorne
Brackenford Mill | mill@brackenford.example | 1820 | 75 | brackenford
Clayworks Cooperative | hello@clayworks.example | 1978 | 81 | clairvigne
Deepwater Imports | | 2004 | 64 | port-castaveil
Fennimore Paper | desk@fennimore.example | 1902 | 90 | pellbridge
Goose Lane Woodcraft | goose@lane.example | 2011 | 95 | hexley
Harrow Tea Merchants | leaf@harrowtea.example | 1867 | | saltquay
Isle Wool Company | wool@isle.example | 1935 | 86 | storholm
Juniper Soapery | | 2016 | 79 | newbridge-north
Kestrel Metal | info@kestrel.example | | 70 | asterre
Lindqvist and Daughters | post@lindqvist.example | 1988 | 91 | kjelvik
Moth and Flame | moth@flame.example | 2009 | | mewstone
Nettle and Flax | flax@nettle.example | 1999 | 83 | bellorne
Old Orchard Seeds | seeds@orchard.example | 1963 | 75 | clairvigne
Quarry Lane Tools | | 1948 | 84 | dunmarsh
""")

# name | title | born | hired | left | salary | languages | phone
EMPLOYEES = records("""
Honor Quayle|Managing Director|1964-05-09|2009-01-05||98000|English;French|0555 0100
Tobias Oakes|Head of Sales|1971-11-23|2009-03-02||76000|English;German|0555 0101
Mireille Sabran|Head of Purchasing|1978-02-17|2012-06-11||74000|French;English;Italian|0555 0102
Anders Voll|Regional Manager|1983-08-30|2014-09-01||58000|Norwegian;English;German|0555 0110
Priya Castell|Regional Manager|1980-04-12|2013-02-04||61000|English|
Ludo Ferrand|Sales Representative|1990-12-01|2015-05-18||43000|French;Italian|0555 0121
Edda Marrick|Sales Representative|1987-07-19|2016-10-03||45500|English;German|
Jonas Marrick|Sales Representative|1993-03-28|2019-08-19||41000|English|0555 0123
Sunniva Dahl|Sales Representative|1996-09-05|2021-03-01||39500|Norwegian;English|0555 0124
Wilma Teague|Sales Representative|1959-10-14|2010-04-06|2022-10-31|47000|English;French|
Corin Abbot|Trainee|2002-01-22|2022-09-01||24000|English|0555 0131
Noor Halabi|Trainee|2003-06-30|2024-11-04||24000|English;French;Arabic|0555 0132
Bastian Roe|Buyer|1985-05-16|2017-01-09||46000|German;English|0555 0141
Greta Marrick|Bookkeeper|1969-12-24|2011-08-15||52000|English|
""")

# employee | boss | since
REPORTS_TO = records("""
Tobias Oakes | Honor Quayle | 2009-03-02
Mireille Sabran | Honor Quayle | 2014-01-01
Anders Voll | Tobias Oakes | 2017-04-01
Priya Castell | Tobias Oakes | 2016-01-01
Ludo Ferrand | Priya Castell | 2016-01-01
Edda Marrick | Priya Castell | 2016-10-03
Jonas Marrick | Anders Voll | 2020-02-01
Sunniva Dahl | Anders Voll | 2021-03-01
Wilma Teague | Priya Castell | 2016-01-01
Corin Abbot | Edda Marrick | 2022-09-01
Noor Halabi | Sunniva Dahl | 2024-11-04
Bastian Roe | Mireille Sabran | 2017-01-09
""")

# employee | regions
COVERS = records("""
Anders Voll | ulvern;north-merrow
Priya Castell | castaveil;lowmarch
Ludo Ferrand | vinedale;bellorne;port-castaveil
Edda Marrick | lowmarch;pellbridge
Jonas Marrick | north-merrow
Sunniva Dahl | isles;kjelvik
Tobias Oakes | all
""")

# kind | town of the billing address | name
CUSTOMERS = records("""
shop | brackenford | Brackenford Corner Store
shop | hexley | Hexley Provisions
shop | pellbridge | The Blue Teapot
shop | pellbridge | Pellbridge Paperworks
shop | pellbridge | Lantern Street Books
shop | dunmarsh | Marsh and Mallow
shop | otterwick | Otter and Reed
shop | saltquay | Quayside Gifts
shop | saltquay | The Rope Locker
shop | saltquay | Corner Shop
shop | mewstone | Gull and Anchor Stores
shop | bellorne | Maison Bellorne
shop | bellorne | Atelier Quinze
shop | clairvigne | Chez Odile
shop | newbridge-south | Corner Shop
shop | asterre | Storehouse Asterre
shop | montreval | Montreval Mercantile
shop | port-castaveil | Harbour House
shop | port-castaveil | Grand Bazar du Port
shop | port-castaveil | The Stores at Lumen Street
shop | port-castaveil | Dockside Living
shop | kjelvik | Kjelvik Handel
shop | kjelvik | Fjord and Fern
shop | storholm | Storholm Stores
restaurant | pellbridge | The Brass Ladle
restaurant | pellbridge | Tern and Thistle
restaurant | dunmarsh | Miller's Table
restaurant | saltquay | The Salted Plum
restaurant | saltquay | Captain's Rest
restaurant | bellorne | La Table d'Amont
restaurant | bellorne | Le Petit Four
restaurant | clairvigne | Auberge du Pont
restaurant | asterre | Sel et Sable
restaurant | montreval | Refuge Montreval
restaurant | port-castaveil | Brasserie Centrale
restaurant | port-castaveil | Nine Barrels
restaurant | kjelvik | Torsk og Timian
restaurant | storholm | The Puffin Inn
school | brackenford | Brackenford Primary School
school | otterwick | Otterwick School of Crafts
school | saltquay | Saltquay Sailing School
school | bellorne | Lycée Bellorne
school | asterre | Asterre Academy
school | port-castaveil | Port Castaveil Institute
school | kjelvik | Kjelvik Folk School
private | brackenford | Marta Ellwood
private | brackenford | Piet Harmsen
private | brackenford | Sorrel Whitlock
private | hexley | Agnes Dunmore
private | hexley | Rufus Adair
private | newbridge-north | Ottilie Crane
private | newbridge-north | Marcus Bell
private | pellbridge | Imogen Fairley
private | pellbridge | Dario Conti
private | pellbridge | Hanna Oyelaran
private | pellbridge | Percival Stokes
private | pellbridge | June Abernethy
private | dunmarsh | Rosalind Peake
private | dunmarsh | Otto Grimwade
private | dunmarsh | Yusuf Demir
private | otterwick | Clemency Ward
private | otterwick | Barnaby Rusk
private | saltquay | Marcus Bell
private | saltquay | Nell Trevanion
private | saltquay | Isolde Penrose
private | saltquay | Jasper Nance
private | mewstone | Tamsin Roskilly
private | mewstone | Denzel Curnow
private | bellorne | Amélie Garnier
private | bellorne | Bastien Roux
private | bellorne | Colette Moreau
private | bellorne | Étienne Vasseur
private | clairvigne | Margaux Tissot
private | clairvigne | Hugo Lemaire
private | newbridge-south | Sylvie Aubert
private | asterre | Florent Giraud
private | asterre | Inès Delcourt
private | asterre | Théo Marchal
private | montreval | Jeanne Rochat
private | montreval | Luc Favre
private | port-castaveil | Noémie Carrel
private | port-castaveil | Rashid Benali
private | port-castaveil | Pauline Estève
private | port-castaveil | Guillaume Picot
private | port-castaveil | Wanda Sikora
private | kjelvik | Ingrid Solheim
private | kjelvik | Leif Aasen
private | kjelvik | Maren Tveit
private | kjelvik | Eskil Bakke
private | storholm | Ragna Lund
private | storholm | Odd Nilsen
private | pellbridge | Beatrix Osgood
private | saltquay | Lorcan Daly
private | asterre | Paul Schaller
private | hexley | Winifred Stott
private | otterwick | Ambrose Kettle
private | dunmarsh | Flora Penhallow
private | port-castaveil | Solène Hardy
private | brackenford | Gideon Marsh
""")

# customers who have never ordered
SILENT = [
    "Saltquay Sailing School",
    "Lycée Bellorne",
    "Percival Stokes",
    "Denzel Curnow",
    "Hugo Lemaire",
    "Odd Nilsen",
    "Winifred Stott",
]

# customer | whom they brought in, as places in CUSTOMERS from 1; some were brought in by two
REFERRED = records("""
3 | 4;25;53
4 | 5
5 | 26;54
25 | 27
53 | 55;92;56
55 | 56
8 | 9;28;64
9 | 11
28 | 29
64 | 65;66;11
66 | 93
12 | 13;30;69
13 | 14
30 | 31;32
69 | 70;71
71 | 72
18 | 19;20;35
20 | 21
35 | 36
81 | 82;83
83 | 98
22 | 23;37;45
23 | 24
86 | 87;88
88 | 89
1 | 39;46
46 | 47;99
""")

# customer | region | use | street: addresses beside the usual ones
FURTHER_ADDRESSES = records("""
The Rope Locker | dunmarsh | storage | Weir Road 77
Dockside Living | mewstone | delivery | Lighthouse Steps 4
Dockside Living | port-castaveil | storage | Quai du Nord 12
Brasserie Centrale | bellorne | storage | Rue des Tilleuls 9
Asterre Academy | clairvigne | delivery | Old Market 31
Captain's Rest | mewstone | storage | Harbour Street 2
""")

NOTES = records("""
Please call before delivery.
please call the shop, not the house
Ring twice, the bell is tired.
Gate code 4471
Gate code 0912, mind the dog
New Gate code 2210, the old one is void
Leave with the neighbour.
Leave at the back door
Fragile, handle with care
fragile!
This time all of it is fragile
FRAGILE! The last crock came in pieces
Gift: please leave out the invoice.
Gift wrapping, blue ribbon
A gift for my mother; no price tags please
Deliver after 5 pm
Deliver on a weekday only
Invoice to head office
Second part of our spring order
Same as last time
Nobody home on Tuesdays
Dog is friendly, cat is not
No plastic, please
Replaces the broken crock from March
Urgent: opening on Saturday
urgent, shelves are empty
Collect empties
""")
