"""Words and topics that the course leaves out, kept in one place.

They are written in ROT13 so that nobody has to read them here. The lists are short and cannot be
complete: see the cautions in data/README.md.
"""

import codecs
import re

# Words that drop a row of either word list, whatever the dictionary says about them.
UNFIT_WORDS = frozenset(
    codecs.decode(
        "ovgpu gvg fyhg arteb tlc tlcfl ergneq ergneqrq pergva zbeba vzorpvyr pevccyr fcnfgvp "
        "zbatbybvq ohttre cvff jnaxre fbq sneg obbo obbol erqarpx uhffl zhynggb ovzob fbqbzl "
        "fbqbzvmr ylapu ubbxre pbpx qvpx nff onfgneq fdhnj rfxvzb cravf intvan nahf grfgvpyr "
        "rerpgvba cravyr ubggragbg xnssve pbbyvr cevzvgvir cltzl",
        "rot13",
    ).split()
)

# Beginnings of words: a definition that holds one of them is dropped.
UNFIT_TOPICS = tuple(
    codecs.decode(
        "frkhny,travgny,cravf,intvan,rebgvp,cebfgvghg,oebgury,urebva,pbpnvar,znevwhnan,arteb,"
        "fnintr,anmv,fynir,pbaqbz,frzra,rkperzrag,srprf,snrprf,pbapragengvba pnzc",
        "rot13",
    ).split(",")
)


def has_unfit_word(text: str) -> bool:
    """Tell whether one of the words of `text` is in the list."""
    return not UNFIT_WORDS.isdisjoint(re.findall(r"[a-z]+", text.lower()))
