"""Words that most street names share, in the languages of many maps: how they are shortened, and which mean the same.

Forms stand folded (small letters without accents). What they mean tells two streets apart that are otherwise alike:
Park Street and Park Road are not one street.
"""

_KINDS = """
street: street strt
road: road rd
avenue: avenue ave av avenida avda avinguda avn prospekt prospekti
lane: lane ln
drive: drive drv
court: court ct crt
square: square sq sqr
place: place plc pl plaza plaça placa pza plza praca praça pca platz piazza pzza plads plass plein plac
terrace: terrace ter terr
crescent: crescent cres cr
boulevard: boulevard blvd bd boul bvd bulevar bulvar bulevardi
highway: highway hwy
parkway: parkway pkwy pky
close: close cl
gardens: gardens gdns
garden: garden gdn
buildings: buildings bldgs
grove: grove grv
mews: mews
row: row
walk: walk wlk
way: way wy
alley: alley aly
circle: circle cir
trail: trail trl
hill: hill
bridge: bridge
strasse: strasse straat
weg: weg
gasse: gasse
allee: allee
ring: ring
ufer: ufer
damm: damm
rue: rue
chemin: chemin che chem
route: route rte
impasse: impasse imp
quai: quai
passage: passage pass
rua: rua
travessa: travessa tv trav
estrada: estrada estr
rodovia: rodovia rod
largo: largo lgo
alameda: alameda al
calle: calle carrer c
carretera: carretera ctra
camino: camino cno cami
paseo: paseo ps passeig pg
via: via
viale: viale
corso: corso cso
vicolo: vicolo vlo
strada: strada
ulica: ulica ul ulice ulitsa
aleja: aleja aleje
utca: utca u
ut: ut
улица: улица ул
проспект: проспект просп пр
переулок: переулок пер
площадь: площадь пл
бульвар: бульвар бул бульв
шоссе: шоссе ш
вулиця: вулиця вул
οδοσ: οδοσ οδ
λεωφοροσ: λεωφοροσ λεωφ
πλατεια: πλατεια πλ
"""
_SIDES = """
north: north n nord norte norra nordre
south: south s sud sur sul sodra
east: east e ost este leste ostra
west: west w oeste vastra ouest
northeast: northeast ne
northwest: northwest nw
southeast: southeast se
southwest: southwest sw
upper: upper obere oberer oberes ober
lower: lower untere unterer unteres unter
old: old alte alter altes
new: new neue neuer neues
big: great grosse grosser
small: little kleine kleiner
"""
_ENDINGS = """
strasse: strasse straat str
weg: weg
gasse: gasse
allee: allee
platz: platz pl
ring: ring
ufer: ufer
damm: damm
katu: katu
kuja: kuja
tie: tie
polku: polku
gatan: gatan gata gate gaten gade
vagen: vagen vag vei veien vej
laan: laan
plein: plein
gracht: gracht
kade: kade
utca: utca
"""
_ALIKE = """
saint: saint st sankt sainte ste san sint
doctor: doctor dr doktor docteur doutor
professor: professor prof
mount: mount mt
fort: fort ft
general: general gen gral
president: president pres
captain: captain capt
"""
NUMBER_WORDS = frozenset({"no", "nr", "num", "number", "numero", "№", "号", "號", "番地", "д", "дом"})
"""Words that stand before or after a house number."""

BEHIND_NUMBERS = frozenset({"bis", "ter", "quater"})
FILLING = frozenset({
    "de", "del", "dela", "la", "le", "les", "du", "des", "da", "do", "dos", "das", "di", "della", "dei", "el", "los",
    "las", "l", "d", "the", "of", "und", "and", "et", "y", "i", "e", "van", "der", "den", "von", "zu", "zum", "zur",
    "am", "im", "an", "in", "auf",
})  # fmt: skip
"""Short words that people leave out or add."""


def _meanings(table: str) -> dict[str, str]:
    lines = (line.partition(":") for line in table.strip().splitlines())
    return {form: meaning for meaning, _, forms in lines for form in forms.split()}


KINDS = _meanings(_KINDS)
SIDES = _meanings(_SIDES)
ENDINGS = _meanings(_ENDINGS)
ALIKE = _meanings(_ALIKE)


def kind_of(word: str, *, first: bool, last: bool) -> str:
    """Return the kind of street that a word of a name means where it stands, else nothing.

    Some are short for one thing at the beginning and for another at the end: St Paul St, Dr Smith Dr.
    """
    if word == "st":
        return "" if first or not last else "street"
    if word == "dr":
        return "drive" if last and not first else ""
    if word == "str":
        return "strada" if first and not last else "strasse"
    if word == "r":
        return "rua" if first and not last else ""
    if word in ("c", "u", "ut", "cl", "al", "i", "ps", "pg", "pl", "ул", "ш", "пр", "tv") and not (first or last):
        return ""
    return KINDS.get(word, "")


def split_ending(word: str) -> tuple[str, str]:
    """Return the beginning of a word and the kind of street that its ending means, such as haupt and strasse."""
    for ending, meaning in ENDINGS.items():
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            return word[: -len(ending)], meaning
    return word, ""
