"""Words of an utterance: folded, split, stemmed lightly, with what carries no content removed.

Everything that compares text of a caller starts here, so that accents, capitals,
punctuation and apostrophes, which a recognizer gets wrong, never decide anything.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from annie.kit.language import Language

_WORD: Final = re.compile(r"[a-z0-9]+")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})

_STOP_TEXT: Final[dict[Language, str]] = {
    Language.ENGLISH: """
        a an the this that these those there here it its i me my mine we us our ours you
        your yours u he she they them his her their who which what when where why how be
        am is are was were been do does did done have has had having can could will would
        shall should may might must and or but if so as at by for from in into of off on
        onto out over to up with without about than then too very just only also any some
        all no not yes please hi hello hey okay ok well um uh like get got getting give go
        going come coming want wanted wanna need needs needed know tell say see look take
        takes taking make let use put offer offers offering guys yall possible able
        wondering question ask quick thing something anything someone somebody people
        anybody t s m re ve ll d don didn doesn isn aren im id ill ive youre much many
        more really sorry excuse pardon right now still again ever place office offices
        shop store business company practice clinic hotel garage
    """,
    Language.SPANISH: """
        el la lo los las un una unos unas este esta esto estos estas ese esa eso esos esas
        aquel alli ahi aqui yo me mi mis mio mia tu te ti su sus se le les nos nosotros
        ustedes usted ellos ella quien que cual cuales cuando donde por porque como ser
        soy es son era fue sea estar estoy esta estan estaba hay haber ha han he tener
        tengo tiene tienen hacer hago hace hacen puedo puede pueden podria podrian podemos
        poder debo debe hay y e o u pero si no ni a al de del en con sin para sobre entre
        hasta desde muy mas tan tambien ya algo alguien alguno alguna todo toda todos
        favor hola bueno buenas buenos dias tardes pues eh quiero quisiera queria querria
        gustaria necesito saber decir digame dar dan ir voy va vaya venir llevar traer
        poner ponen ofrecen ofrece ofrecer trabajan trabaja ver perdon perdone disculpe
        disculpa hacerme decirme da den darme cuanto cuanta cuantos cuantas gente cosa
        pregunta ustedes vez ahora todavia posible lugar oficina oficinas tienda negocio
        empresa consultorio clinica hotel taller
    """,
    Language.FRENCH: """
        le la les l un une des d de du au aux ce c cet cette ces ca cela ici la y en je j
        me m moi mon ma mes tu te t toi votre vos vous nous notre nos on il ils elle elles
        lui leur se s sa son ses qui que qu quoi quel quelle quels quelles quand ou
        comment pourquoi combien est es suis sont etes sommes etre ete etait sera ai as a
        ont avez avons avoir aurait fait faites faire font peux peut pouvez puis pouvoir
        pourrais pourriez pourrait dois doit devez faut falloir veux voudrais voudrait
        voulais aimerais souhaite besoin savoir sais dire dites et ou mais si donc ne n
        pas plus tres trop aussi encore deja tout toute tous avec sans pour par sur dans
        chez entre jusqu jusque depuis oui non bonjour bonsoir allo alors euh merci plait
        quelqu quelque chose prenez prend prendre proposez proposer donnez donner mettre
        mettez aller vais va venir viens vient possible demander question gens maintenant
        droit pardon excusez desole desolee soit mien mienne cabinet bureau magasin
        boutique entreprise clinique hotel garage endroit
    """,
}


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case, without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


STOP_WORDS: Final[dict[Language, frozenset[str]]] = {
    language: frozenset(fold(words).split()) for language, words in _STOP_TEXT.items()
}


def words(text: str) -> list[str]:
    """Folded words and numbers of ``text``; apostrophes and hyphens separate words."""
    return _WORD.findall(fold(text))


def plain(text: str) -> str:
    """Folded words of ``text`` with one space between, for matching phrases."""
    return " ".join(words(text))


def content_words(text: str, language: Language) -> list[str]:
    """Words of ``text`` that carry content in ``language``, in order, not stemmed."""
    stop = STOP_WORDS[language]
    return [word for word in words(text) if word not in stop and (len(word) > 1 or word.isdigit())]


@lru_cache(maxsize=8192)
def stem(word: str, language: Language) -> str:
    """``word`` (folded) without its commonest endings: plural, gender, tense."""
    if len(word) <= 3:
        return word
    for ending, replacement in _ENDINGS[language]:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: len(word) - len(ending)] + replacement
    return word


_ENDINGS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    Language.ENGLISH: (
        ("ations", ""), ("ation", ""), ("ings", ""), ("ing", ""), ("ments", ""), ("ment", ""),
        ("ies", "y"), ("ance", ""), ("ers", ""), ("er", ""), ("ed", ""), ("es", ""), ("ly", ""),
        ("s", ""), ("e", ""),
    ),
    Language.SPANISH: (
        ("amientos", ""), ("amiento", ""), ("imiento", ""), ("aciones", ""), ("acion", ""),
        ("iones", ""), ("ion", ""), ("ando", ""), ("iendo", ""), ("ados", ""), ("adas", ""),
        ("ado", ""), ("ada", ""), ("arme", ""), ("arse", ""), ("arlo", ""), ("ar", ""), ("er", ""),
        ("ir", ""), ("an", ""), ("en", ""), ("as", ""), ("os", ""), ("es", ""), ("a", ""),
        ("o", ""), ("e", ""), ("s", ""),
    ),
    Language.FRENCH: (
        ("issements", ""), ("issement", ""), ("ements", ""), ("ement", ""), ("ations", ""),
        ("ation", ""), ("ages", ""), ("age", ""), ("euses", ""), ("ants", ""), ("ant", ""),
        ("ees", ""), ("ee", ""), ("ez", ""), ("er", ""), ("ir", ""), ("ons", ""), ("es", ""),
        ("e", ""), ("s", ""), ("x", ""),
    ),
}  # fmt: skip


def similar(left: str, right: str) -> bool:
    """Whether two folded words differ by what a recognizer or an ending may change.

    At most one edit from five letters on, two from eight on, and the same first letter.
    """
    if left == right:
        return True
    shorter = min(len(left), len(right))
    if shorter < 5 or left[0] != right[0]:
        return False
    return _edits_within(left, right, 1 if shorter < 8 else 2)


def _edits_within(left: str, right: str, limit: int) -> bool:
    if abs(len(left) - len(right)) > limit:
        return False
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (char != other),
                )
            )
        if min(current) > limit:
            return False
        previous = current
    return previous[-1] <= limit
