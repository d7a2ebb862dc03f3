"""A cookery book: dishes with ingredients and techniques, cuisines, cooks and their ratings.

Everything is invented. Knows nothing of questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.domains.tables import Rows, day, pairs

if TYPE_CHECKING:
    import random

SEED = 15
DISHES = (
    "Barley Soup,Fig Tart,Lemon Trout,Chickpea Stew,Walnut Bread,Beet Salad,Plum Dumplings,"
    "Saffron Rice,Onion Pie,Honey Cake,Lentil Curry,Roast Duck,Mushroom Ragout,Apple Pancakes,"
    "Spinach Rolls,Pepper Omelette,Coconut Noodles,Pumpkin Gnocchi,Cod Fritters,Bean Chilli,"
    "Rhubarb Crumble,Leek Quiche,Ginger Chicken,Almond Biscuits,Cucumber Salad,Lamb Skewers,"
    "Potato Gratin,Squid Stew,Rice Pudding,Tomato Soup,Cabbage Rolls,Sesame Tofu,Cheese Souffle,"
    "Pear Compote,Herb Flatbread,Mussel Pot"
).split(",")
INGREDIENTS = {
    "vegetable": "onion,garlic,spinach,leek,beetroot,pumpkin,tomato,cucumber,cabbage,pepper",
    "fruit": "lemon,fig,apple,plum,pear,rhubarb",
    "grain": "flour,rice,barley,noodles,breadcrumbs",
    "dairy": "butter,milk,cream,cheese,yoghurt",
    "meat": "duck,lamb,chicken",
    "fish": "trout,cod,squid,mussels",
    "spice": "saffron,ginger,cumin,chilli flakes,sesame",
    "other": "egg,honey,olive oil,walnuts,almonds,coconut milk,tofu,chickpeas,lentils,margarine",
}
TECHNIQUES = (
    "chopping,boiling,simmering,steaming,frying,deep-frying,roasting,grilling,kneading,proving,"
    "whisking,folding,braising,poaching,flambeing"
).split(",")
COOKS = "Anouk Bram Chiara Dilek Enzo Farah Gaspard Hiroko Ilse Joao Katya Lorcan".split()
MEATY = ["Trout", "Duck", "Cod", "Squid", "Lamb", "Chicken", "Mussel", "Chilli"]
ALLERGENS = "flour,barley,noodles,breadcrumbs,squid,mussels,sesame,egg,walnuts,almonds,tofu"
MEALS = ["starter", "main", "dessert", "snack"]


def nodes(rng: random.Random) -> dict[str, Rows]:
    """Rows of each node file, the header first."""
    dishes: Rows = [
        ["id", "name", "servings", "prepMinutes", "cookMinutes", "vegetarian", "addedOn", "meals"]
    ]
    for i, name in enumerate(DISHES):
        prep, cook = rng.randrange(5, 60, 5), rng.randrange(10, 180, 5) if i % 6 != 5 else None
        meals = sorted(rng.sample(MEALS, rng.randint(1, 2))) if i % 9 != 8 else None
        leafy = not any(word in name for word in MEATY)
        row = [f"d{i}", name, rng.choice([2, 4, 4, 6]), prep, cook, leafy, day(rng, 2019, 2023)]
        dishes.append([*row, meals])
    ingredients: Rows = [["id", "name", "category", "kcalPer100g", "allergen"]]
    for category, names in INGREDIENTS.items():
        for name in names.split(","):
            energy = round(rng.uniform(15, 700), 1) if rng.random() < 0.85 else None
            allergen = category == "dairy" or name in ALLERGENS.split(",")
            ingredients.append([name, name, category, energy, allergen])
    techniques: Rows = [["id", "name", "difficulty"]]
    techniques += [[name, name, 1 + i * 7 % 5] for i, name in enumerate(TECHNIQUES)]
    cuisines: Rows = [["id", "name", "region"]]
    for i, name in enumerate("Bretagne Levant Baltic Sichuan Kerala Alpine Andean".split()):
        cuisines.append(
            [f"u{i}", name, ["Europe", "Asia", "Europe", "Asia", "Asia", "Europe", None][i]]
        )
    cooks: Rows = [["id", "name", "trainedSince", "professional", "hometown"]]
    for i, name in enumerate(COOKS):
        town = rng.choice(["Lisbon", "Ghent", "Izmir", "Kyoto"]) if i % 5 else None
        cooks.append([f"k{i}", name, day(rng, 1990, 2018), i % 3 == 0, town])
    return {
        "dishes": dishes,
        "ingredients": ingredients,
        "techniques": techniques,
        "cuisines": cuisines,
        "cooks": cooks,
    }


def relationships(rng: random.Random, ids: dict[str, list[str]]) -> dict[str, Rows]:
    """Rows of each relationship file, the header first."""
    dishes, cooks, techniques = ids["dishes"], ids["cooks"], ids["techniques"]
    contains: Rows = [["dish", "ingredient", "grams", "toTaste"]]
    flesh = f"{INGREDIENTS['meat']},{INGREDIENTS['fish']}".split(",")
    for dish, ingredient in pairs(rng, [*dishes, ""], rng.sample(ids["ingredients"], 48), 200):
        if ingredient in flesh and not any(word in DISHES[int(dish[1:])] for word in MEATY):
            continue
        grams = float(rng.randrange(5, 600, 5)) if rng.random() < 0.9 else None
        contains.append([dish, ingredient, grams, rng.random() < 0.2])
    uses: Rows = [["dish", "technique", "step"]]
    for dish in dishes[:-1]:
        chosen = rng.sample(techniques[:14], rng.randint(1, 4))
        uses += [[dish, technique, step] for step, technique in enumerate(chosen, start=1)]
    belongs_to: Rows = [["dish", "cuisine"]]
    belongs_to += [
        [dish, rng.choice(ids["cuisines"][:6])] for i, dish in enumerate(dishes) if i % 12
    ]
    created: Rows = [["cook", "dish"]]
    created += [[rng.choice(cooks[:10]), dish] for i, dish in enumerate(dishes) if i % 10 != 9]
    created.append([cooks[1], dishes[9]])
    # A cook may rate a dish twice.
    rated: Rows = [["cook", "dish", "stars", "ratedOn", "remark"]]
    for cook, dish in pairs(rng, cooks, dishes, 80):
        for _ in range(1 + (rng.random() < 0.1)):
            remark = rng.choice(["too salty", "perfect", "a bit dry", "lovely crust", None, None])
            rated.append([cook, dish, rng.randint(1, 5), day(rng, 2022, 2023), remark])
    swaps = "butter margarine 1.0,margarine olive oil 0.8,cream coconut milk 1.0,milk cream 0.5"
    swaps += ",duck chicken 1.1,chicken tofu 1.2,tofu chickpeas 0.9,almonds walnuts 1.0"
    swaps += ",honey fig 1.5,lentils chickpeas 1.0,cod trout 1.0,yoghurt cream 0.7"
    replaced_by: Rows = [["ingredient", "other", "ratio"]]
    for swap in swaps.split(","):
        names, _, ratio = swap.rpartition(" ")
        old = max((n for n in ids["ingredients"] if names.startswith(f"{n} ")), key=len)
        replaced_by.append([old, names.removeprefix(f"{old} "), ratio])
    builds_on: Rows = [["technique", "basis"]]
    builds_on += [[techniques[i], techniques[(i - 1) // 2]] for i in range(1, 14) if i != 8]
    return {
        "contains": contains,
        "uses": uses,
        "belongs_to": belongs_to,
        "created": created,
        "rated": rated,
        "replaced_by": replaced_by,
        "builds_on": builds_on,
    }
