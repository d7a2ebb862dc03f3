"""The invented trading company behind the graph `orders`: what it sells, and who supplies it.

Knows nothing of files. A line is a record, its fields between bars; an empty field is absent.
"""

from __future__ import annotations

from records import records

# name | description
CATEGORIES = records("""
Bath | Soap, brushes and what else stands by the tub
Garden | For beds, pots and balconies
Kitchen | Pots, boards and knives
Lighting | Lamps, lanterns and candles
Maps |
Stationery | Paper and what marks it
Tableware | Everything between the cloth and the food
Tea | Leaves in tins, and nothing else
Textiles |
Tools | For hands that mend
Toys | Wood, wool and no batteries
""")

# name | category, or several | price in cents | grams | tags | launched
PRODUCTS = records("""
Alder Soap Dish | Bath | 1250 | 180 | wood;handmade | 2016-03-14
Boar Bristle Brush | Bath | 1890 | 140 | wood | 2017-09-04
Lavender Soap | Bath | 450 | 100 | vegan;refill | 2015-02-02
Pine Tar Soap | Bath | 520 | 100 | vegan | 2019-11-11
Linen Wash Cloth | Bath;Textiles | 890 | 60 | linen;handmade | 2018-05-21
Copper Bath Tray | Bath | 7400 | 2100 | metal;gift | 2021-10-04
Clay Pot Small | Garden | 690 | 850 | clay | 2015-02-02
Clay Pot Large | Garden | 1490 | 2600 | clay;fragile | 2015-02-02
Hand Trowel | Garden;Tools | 1650 | 320 | metal;wood | 2016-04-11
Seed Box | Garden | 2250 | 740 | wood;gift | 2018-02-19
Wildflower Seeds | Garden | 395 | 15 | vegan | 2020-01-13
Watering Can | Garden | 3480 | 1300 | metal | 2015-02-02
Rain Gauge | Garden | 2790 | | glass;fragile | 2022-03-07
Garden Twine | Garden | 540 | 210 | refill | 2015-06-15
Beech Chopping Board | Kitchen | 3250 | 1900 | wood | 2015-02-02
Olive Chopping Board | Kitchen | 4650 | 1700 | wood;gift | 2021-03-15
Iron Skillet | Kitchen | 5900 | 2900 | metal | 2016-10-03
Paring Knife | Kitchen | 1980 | 70 | metal;wood | 2015-02-02
Bread Knife | Kitchen | 3350 | 190 | metal;wood | 2015-09-28
Stoneware Crock | Kitchen | 4200 | 3400 | clay;fragile | 2017-01-16
Egg Timer | Kitchen | 980 | 90 | glass;fragile | 2019-04-01
Rolling Pin | Kitchen | 1720 | 560 | wood | 2016-11-21
Tea Towel Set | Kitchen;Textiles | 1640 | 260 | linen;gift | 2016-05-30
Wooden Spoon | Kitchen | 480 | 45 | wood;handmade | 2015-02-02
Storm Lantern | Lighting | 4900 | 1450 | metal;glass;fragile | 2015-02-02
Storm Lantern | Lighting | 6200 | 1600 | metal;glass;fragile;gift | 2022-09-12
Beeswax Candle | Lighting | 1150 | 300 | handmade;gift | 2015-11-02
Tallow Candle | Lighting | 620 | 280 | | 2015-11-02
Reading Lamp | Lighting | 8900 | 2300 | metal | 2018-09-03
Paper Lampshade | Lighting | 2600 | 190 | paper;fragile | 2018-09-03
Wall Sconce | Lighting | 5450 | 1100 | metal;handmade | 2020-08-31
Lamp Oil | Lighting | 1340 | 950 | refill | 2016-02-08
Dotted Notebook | Stationery | 1280 | 340 | paper | 2015-02-02
Ruled Notebook | Stationery | 1180 | 340 | paper | 2015-02-02
Letter Paper | Stationery | 990 | 420 | paper;gift | 2017-05-15
Sealing Wax | Stationery | 760 | 80 | handmade;gift | 2017-05-15
Brass Ruler | Stationery | 1590 | 110 | metal | 2019-08-26
Graphite Pencils | Stationery | 870 | 95 | wood;refill | 2015-02-02
Ink Bottle | Stationery | 1120 | | glass;fragile;refill | 2016-08-22
Desk Calendar | Stationery | 1450 | 380 | paper | 2023-09-18
Wrapping Paper | Stationery | 590 | 150 | paper;refill | 2018-11-12
Dinner Plate | Tableware | 1390 | 620 | clay;fragile | 2015-02-02
Soup Bowl | Tableware | 1290 | 540 | clay;fragile | 2015-02-02
Espresso Cup | Tableware | 950 | 130 | clay;fragile | 2016-06-06
Water Glass | Tableware | 720 | 240 | glass;fragile | 2015-02-02
Linen Napkins | Tableware;Textiles | 2380 | 210 | linen | 2017-03-27
Salt Pig | Tableware;Kitchen | 2150 | 780 | clay | 2018-10-15
Serving Platter | Tableware | 3950 | 1500 | clay;fragile;gift | 2020-10-05
Smoke Black Tea | Tea | 1090 | 150 | vegan | 2015-02-02
Morning Black Tea | Tea | 890 | 150 | vegan;refill | 2015-02-02
Mountain Green Tea | Tea | 1240 | 120 | vegan | 2016-01-25
Lime Flower Tea | Tea | 980 | 90 | vegan;handmade | 2019-06-17
Winter Spice Tea | Tea | 1180 | 120 | vegan;gift | 2020-11-02
White Peony Tea | Tea | 2450 | 80 | vegan;gift | 2023-02-13
Wool Blanket | Textiles | 9800 | 1700 | wool | 2015-10-19
Linen Apron | Textiles;Kitchen | 3650 | 380 | linen;handmade | 2016-05-30
Felt Slippers | Textiles | 4300 | 450 | wool;gift | 2019-09-30
Table Runner | Textiles;Tableware | 2850 | 290 | linen | 2021-05-10
Claw Hammer | Tools | 2490 | 820 | metal;wood | 2015-02-02
Folding Rule | Tools | 1150 | 130 | wood | 2015-02-02
Pocket Screwdriver | Tools | 1460 | 110 | metal;gift | 2017-11-06
Whetstone | Tools | 3100 | 980 | | 2018-04-09
Darning Kit | Tools;Textiles | 1380 | 160 | wool;gift | 2022-11-14
Bone Folder | Tools;Stationery | 830 | 35 | handmade | 2021-01-18
Wooden Blocks | Toys | 2900 | 1600 | wood | 2015-11-30
Pull-Along Duck | Toys | 2250 | 480 | wood;gift | 2016-11-07
Wool Bear | Toys | 3400 | 310 | wool;handmade;gift | 2018-11-26
Spinning Top | Toys | 780 | 65 | wood | 2019-11-18
Marble Run | Toys | 6850 | 3900 | wood;glass | 2022-10-24
Kite Kit | Toys | 1950 | 420 | paper;gift | 2024-06-03
Gift Voucher | | 2500 | | gift | 2020-12-01
""")

# new | old: the newer product replaces the older one
REPLACES = records("""
Olive Chopping Board | Beech Chopping Board
Lavender Soap | Pine Tar Soap
Dotted Notebook | Ruled Notebook
Copper Bath Tray | Alder Soap Dish
White Peony Tea | Winter Spice Tea
Winter Spice Tea | Lime Flower Tea
Lime Flower Tea | Mountain Green Tea
Marble Run | Wooden Blocks
Beeswax Candle | Tallow Candle
Kite Kit | Pull-Along Duck
Wall Sconce | Paper Lampshade
""")

# products that are sold no more, and such that nobody has ordered yet
DISCONTINUED = ["Pine Tar Soap", "Ruled Notebook", "Tallow Candle", "Lime Flower Tea", "Egg Timer"]
UNSOLD = ["Rain Gauge", "Kite Kit", "Tallow Candle", "Bone Folder"]

# supplier | products; a supplier may have several lines
SUPPLIES = records("""
Ardent Foundry | Iron Skillet;Storm Lantern;Watering Can;Copper Bath Tray;Wall Sconce
Ardent Foundry | Claw Hammer
Bellorne Glass | Water Glass;Egg Timer;Ink Bottle;Storm Lantern;Rain Gauge
Brackenford Mill | Wool Blanket;Linen Napkins;Tea Towel Set;Table Runner;Linen Apron
Brackenford Mill | Garden Twine
Clayworks Cooperative | Clay Pot Small;Clay Pot Large;Dinner Plate;Soup Bowl;Espresso Cup
Clayworks Cooperative | Stoneware Crock;Salt Pig;Serving Platter
Deepwater Imports | Smoke Black Tea;Morning Black Tea;Water Glass;Espresso Cup;Reading Lamp
Deepwater Imports | Graphite Pencils;Paring Knife;Beech Chopping Board;Wool Blanket;Watering Can
Deepwater Imports | Bread Knife
Fennimore Paper | Dotted Notebook;Ruled Notebook;Letter Paper;Wrapping Paper;Desk Calendar
Fennimore Paper | Paper Lampshade;Kite Kit;Bone Folder
Goose Lane Woodcraft | Alder Soap Dish;Beech Chopping Board;Olive Chopping Board;Rolling Pin
Goose Lane Woodcraft | Wooden Spoon;Seed Box;Wooden Blocks;Pull-Along Duck;Spinning Top
Goose Lane Woodcraft | Marble Run
Harrow Tea Merchants | Smoke Black Tea;Morning Black Tea;Mountain Green Tea;Lime Flower Tea
Harrow Tea Merchants | Winter Spice Tea;White Peony Tea
Isle Wool Company | Wool Blanket;Felt Slippers;Wool Bear;Darning Kit
Juniper Soapery | Lavender Soap;Pine Tar Soap
Kestrel Metal | Hand Trowel;Paring Knife;Bread Knife;Brass Ruler;Pocket Screwdriver;Watering Can
Kestrel Metal | Iron Skillet
Lindqvist and Daughters | Wooden Spoon;Beech Chopping Board;Folding Rule;Boar Bristle Brush
Lindqvist and Daughters | Spinning Top;Graphite Pencils
Moth and Flame | Beeswax Candle;Tallow Candle;Lamp Oil;Sealing Wax
Nettle and Flax | Linen Wash Cloth;Linen Napkins;Linen Apron;Tea Towel Set
Quarry Lane Tools | Whetstone;Claw Hammer;Folding Rule;Pocket Screwdriver;Bread Knife
""")
