#!/usr/bin/env python3
"""Makes recordings whose every cue has a known time, and transcripts that do not match them, for fit.py to measure on.

    fit_material.py OUT_DIR [--seed N] [--only ROW,...] [--quick]

Each case is a folder OUT_DIR/ROW/NN with recording.wav (or .mp3), transcript.srt (or .txt) and truth.json, which says
where each cue of the transcript really starts in the recording. The row `long` is made only when it is named.

The texts are made from the grammars below and spoken by espeak-ng, which tells when each word begins; flite speaks the
advertisements. The same seed gives the same cases, whichever of them are made.
"""

import argparse
import ctypes
import functools
import json
import math
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from material import stamp

RATE = 16_000
# Samples in a millisecond.
MS = RATE // 1000
# How loud speech is while somebody speaks: the root of the mean square, 21 dB under full scale.
LOUD = 3000.0
# No room is silent: 68 dB under full scale.
ROOM = 13.0
# Two breaks, or two missing stretches, leave at least so much of the episode between them.
APART = 45_000
FFMPEG = ["ffmpeg", "-loglevel", "error", "-y"]
RAW = ["-f", "s16le", "-ac", "1"]


# ---------------------------------------------------------------- texts
# What stands in braces is replaced: by one of the alternatives of that name, or by a number of that range.
ENGLISH = """
s: {clause}. | {clause}. | {clause}. | {clause}, {and} {clause}. | {clause} {sub} {clause}.
 | {sub} {clause}, {clause}. | {when}, {clause}. | {when}, {clause}, {and} {clause}. | {question}? | {question}?
 | {short}. | {name} {vt} {np}. | {name}, who {vp}, {vp}. | {np}, {np} and {np} {vp}. | {opening}, {clause}.
 | {opening}, {when}, {clause} {sub} {clause}. | It was {name} who {vt} {np}, not {name}. | In {1804-2019}, {clause}.
 | {clause}; {clause}.
clause: {np} {vp} | {np} {vp} | {name} {vp} | {who} {vp} | there was {any} {pp} | {who} {thought} that {np} {vp}
 | the {noun} was {very} {adj} | {adverb}, {np} {vp}
vp: {vt} {np} | {vt} {np} {pp} | {vt} {any} {pp} | {vi} {pp} | {vi} {pp} {how} | {wanted} {inf} {np}
 | {wanted} {inf} {any} {pp} | {thought} that {np} {vi} {pp} | was {very} {adj} | had {2-90} {noun}s
 | {vt} {np} {sub} {who} {vi} {pp} | never {vt} {np}
np: the {noun} | the {noun} | the {adj} {noun} | his {noun} | her {adj} {noun} | the {noun} of the {noun} | our {noun}
 | every {noun} | {name}'s {noun} | the {noun}s | the {adj} {noun}s | the {noun} {pp} | {3-60} {noun}s
any: a {noun} | a {adj} {noun} | a {very} {adj} {noun} | some {noun}s | another {noun} | a {noun} and a {noun}
pp: {prep} the {place} | {prep} the {adj} {place} | {prep} {town} | {prep} her {place} | {when}
 | {prep} a {place} in {town}
question: did {np} {inf} {np} | why did {who} {inf} {any} | who {vt} {np} | where was {np} {when}
 | how many {noun}s can {who} {inf} | what would {who} {inf} {pp} | is it true that {np} {vp}
 | when will {name} {inf} {np}
short: that is not quite true | nobody knows | we will come to that later | so much for the theory
 | it was a beginning | and that was all | I could not believe it | you can see it even today
 | this is where it becomes strange | let me explain that
opening: well | now | of course | to be honest | as far as we know | in other words | on the other hand | for example
 | in the end | as {name} likes to say | strictly speaking
when: in the morning | at midnight | a week later | after {2-40} days | before the war | on a {day}
 | in the spring of {1850-1999} | during the night | for {2-12} years | at {5-11} o'clock | long ago | only yesterday
 | every {day} | soon afterwards
day: Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday
and: and | but | so | and then | yet | or perhaps
sub: because | although | while | when | until | after | before | as if | since | wherever | unless
who: she | he | they | we | you | I | somebody | nobody | everyone | my aunt | the two of them
name: Agnes | Barnaby | Clementine | Doctor Hale | Edith | Felix | Greta | Horatio | Imogen | Mr. Jessop | Kit
 | Lavinia | Magnus | Mrs. Norwood | Octavia | Percival | Quentin | Rosalind | Silas | Tabitha | Ulrich | Verity
 | Winifred | Captain Yates | Zachary | Anna Maria Lund | Old Tom | Theodora
town: Dunmere | Ashby | Port Lorne | Kettlewick | Saint Orrin | Wexcombe | Marlow Heath | New Harbour | Tarn
 | Upper Fenwick
noun: kettle | violin | beekeeper | ladder | notebook | lantern | comet | sailor | telegram | barrel | gardener
 | compass | mirror | engine | cathedral clock | pigeon | blanket | lighthouse keeper | photograph | magnet | printer
 | tailor | bicycle | melody | piano | wardrobe | question | postman | thermometer | apprentice | button | cabbage
 | signal | doctor | promise | recipe | boat | astronomer | riddle | umbrella | parrot | letter | machine | rumour
 | experiment | shadow | song | chair | cup | wheel | loaf tin | map | bell | dog | goat | neighbour | teacher
 | painter | carpenter | drum | needle | candle | bottle | basket | hammer | horse | storm | number | colour
 | argument | ticket | dictionary | microscope | calendar | instrument | conversation | discovery fund
place: harbour | orchard | library | railway station | kitchen | attic | valley | observatory | market square
 | mountain | cellar | theatre | hospital | riverbank | meadow | corridor | bakery | island | laboratory | garden wall
 | post office | bridge | forest | workshop | village | tower | museum | tunnel | coast
prep: in | near | behind | under | above | beside | across from | outside | on the far side of | inside
adj: quiet | enormous | rusty | yellow | peculiar | ancient | borrowed | careful | crooked | delicate | empty | famous
 | gentle | hollow | impatient | jealous | kind | lonely | mysterious | narrow | ordinary | patient | quick
 | remarkable | silver | tired | ugly | velvet | wooden | wet | invisible | complicated | red | cold | small | long
 | bright | unfinished | reliable | electric | deaf
very: very | rather | far too | surprisingly | not | | | |
vt: carried | repaired | forgot | borrowed | painted | described | measured | discovered | sold | followed | ignored
 | invented | lost | mentioned | noticed | opened | photographed | questioned | recognised | stole | translated
 | understood | visited | watched | wrote | broke | counted | hid | kept | loved | moved | needed | remembered | found
 | made | bought | saw | took | heard
vi: waited | slept | disappeared | arrived | travelled | worked | laughed | argued | sat | stood | wandered
 | whispered | fell | sang | lived | grew | died | stopped | began again | hesitated
inf: carry | repair | forget | borrow | paint | describe | measure | discover | sell | follow | ignore | invent | lose
 | open | visit | watch | write | break | count | hide | keep | remember | find | make | buy | see | take
wanted: wanted to | tried to | refused to | was able to | had to | promised to | decided to | used to | was about to
thought: thought | said | believed | knew | complained | wrote to the paper | suspected | explained | had always hoped
adverb: suddenly | unfortunately | meanwhile | slowly | apparently | fortunately | strangely enough | again and again
how: without a word | with great care | for no reason at all | as usual | by accident | in the rain | with both hands
 | alone
ad: This programme is brought to you by {brand}, makers of the {adj} {noun}.
 | Are you tired of your old {noun}? Try {brand}.
 | Go to {brand} dot com and use the code {code} for {5-40} percent off your first {noun}.
 | Terms and conditions apply. | With {brand}, {vt0} {any} in less than {2-20} minutes.
 | More than {3-90} thousand listeners already trust {brand}. | {brand}: because life is too short for {any}.
 | Order today, and get {any} for free! | Offer ends on {day}.
 | My {noun} has never been so {adj}, and I owe it all to {brand}.
brand: Brightloaf | Nimbus Mattress | Pocketbank | Hello Turnip | Quillwise | Snugly | Vitabean | Zipparcel
code: listen | podcast | morning | owl
vt0: find | sell | repair | insure | order | learn about
"""

GERMAN = """
s: {nom} {vt} {acc}. | {nom} {vt} {acc} {wo}. | {nom} {vi} {wo}. | {wann} {vt} {nom} {acc}. | {wann} {vi} {nom} {wo}.
 | {nom} {vt} {acc}, {und} {nom} {vi} {wo}. | {sub} {nom} {acc} {vt}, {vi} {nom} {wo}.
 | {nom} {vt} {acc}, {sub0} {nom} {wo} {vi}. | {warum} {vt} {nom} {acc}? | {wo0} {vi} {nom} {wann}? | {kurz}.
 | {name}, {acc} im Gepäck, {vi} {wo}. | {name} glaubte, dass {nom} {acc} {vt}. | {nom}, {nom} und {nom} waren {adj}.
 | {nom} war {adj}, aber nicht {adj}. | Im Jahre {1804-1999} {vt} {nom} {acc}, {und} {nom} {vt} {acc} {wo}.
nom: der {adj}e {m} | der {m} | die {f} | die {adj}e {f} | das {n} | das {adj}e {n} | {name} | {name} | jeder {m}
 | keine {f}
acc: den {m} | den {adj}en {m} | die {f} | die {adj}e {f} | das {n} | das {adj}e {n} | einen {m} | eine {f} | kein {n}
 | {2-99} Briefe
wo: {prep} dem {m} | {prep} der {f} | {prep} dem {adj}en {n} | {prep} der {adj}en {f} | in {ort} | {prep} einem {n}
wann: am Morgen | im Winter | nach {2-30} Tagen | vor dem Krieg | am {tag} | um {2-11} Uhr | damals | heute
 | eines Tages | später
tag: Montag | Dienstag | Mittwoch | Donnerstag | Freitag | Samstag | Sonntag
und: und | aber | doch | denn
sub: weil | als | obwohl | nachdem | während | bevor
sub0: weil | als | obwohl | nachdem | während | bis | damit
warum: warum | wann | weshalb
wo0: wo | mit wem
kurz: das ist nicht ganz richtig | niemand weiß es | davon später mehr | es war ein Anfang | man sieht es noch heute
 | so viel zur Theorie
name: Frau Berger | Konrad | Elfriede | Herr Doktor Vogt | Mathilde | Jonas | Lieselotte | Anton | Ottilie
 | Kapitän Harms
ort: Brunntal | Oberfelden | Neustadt am Kamm | Seehafen | Lindau
m: Gärtner | Brief | Leuchtturm | Kessel | Nachbar | Schneider | Kompass | Bahnhof | Garten | Schatten | Vogel | Turm
 | Fluss | Wagen | Uhrmacher | Spiegel | Keller | Lehrling | Hund
f: Laterne | Geige | Frage | Maschine | Nachbarin | Bibliothek | Brücke | Küche | Straße | Melodie | Werkstatt
 | Sternwarte | Karte | Ärztin | Schraube | Insel | Fotografie | Ziege
n: Fahrrad | Klavier | Fernrohr | Dorf | Museum | Schiff | Haus | Telegramm | Fenster | Rätsel | Versprechen
 | Wörterbuch | Kind | Theater
adj: alt | klein | seltsam | leise | rostig | berühmt | geduldig | schmal | müd | gelb | riesig | einsam | vorsichtig
 | unsichtbar
prep: in | neben | hinter | vor | unter | bei | gegenüber
vt: fand | verlor | verkaufte | reparierte | malte | beschrieb | vergaß | suchte | entdeckte | übersetzte | kaufte
 | trug | zählte | sah
vi: wartete | schlief | verschwand | arbeitete | lachte | stand | sang | wohnte | zögerte | flüsterte | fiel | blieb
"""

FRENCH = """
s: {gn} {vt} {gn}. | {gn} {vt} {gn} {ou}. | {gn} {vi} {ou}. | {quand}, {gn} {vt} {gn}.
 | {gn} {vt} {gn}, {et} {gn} {vi} {ou}. | {sub} {gn} {vi} {ou}, {gn} {vt} {gn}.
 | {gn} {vt} {gn} {sub0} {gn} {vi} {ou}. | pourquoi est-ce que {gn} {vt} {gn}? | où est-ce que {gn} {vi} {quand}?
 | {court}. | {nom} pensait que {gn} {vi} {ou}. | {gn}, {gn} et {gn} {vip} {ou}.
 | En {1804-1999}, {gn} {vt} {gn}, {et} {nom} {vt} {gn} {quand}.
gn: le {m} | le {m} {am} | la {f} | la {f} {af} | un {m} | une {f} {af} | {nom} | {nom} | son {m} | sa {f} | l'{e}
 | les {2-80} {m}s
ou: dans le {m} | près de la {f} | derrière le {m} {am} | sous la {f} {af} | devant l'{e} | à {ville} | sans un mot
 | avec {nom}
quand: le matin | un soir d'hiver | après {2-30} jours | avant la guerre | {jour} | à {2-11} heures | autrefois
 | plus tard | en été
jour: lundi | mardi | mercredi | jeudi | vendredi | samedi | dimanche
et: et | mais | donc | et puis
sub: quand | parce que | comme | pendant que | alors que
sub0: parce que | quand | pendant que | alors que | puisque
court: ce n'est pas tout à fait vrai | personne ne le sait | nous y reviendrons | c'était un début
 | on le voit encore aujourd'hui
nom: Madame Renard | Célestin | Hortense | le docteur Morel | Lucie | Gaspard | Mathilde | Monsieur Lefort | Solange
 | Barnabé
ville: Montclair | Saint-Orens | Port-Neuf | Villebelle | Roquemaure
m: jardin | phare | violon | miroir | voisin | facteur | pont | village | chapeau | bateau | tailleur | marché | train
 | secret | vélo | carnet | cheval | musée | parapluie
f: lanterne | maison | lettre | machine | question | boulangère | gare | montagne | clé | mélodie | bibliothèque
 | chambre | carte | voisine | rivière | promesse | fenêtre | tempête
e: église | horloger | école | île | oiseau | ombre | escalier | énigme | ami de {nom} | armoire
am: rouge | étrange | ancien | silencieux | fatigué | célèbre | minuscule | oublié | patient | perdu
af: rouge | étrange | ancienne | silencieuse | fatiguée | célèbre | minuscule | oubliée | patiente | perdue
vt: a trouvé | a perdu | a vendu | cherchait | regardait | a dessiné | a réparé | oubliait | avait caché | a compté
 | a décrit | aimait
vi: attendait | dormait | a disparu | travaillait | riait | chantait | habitait | hésitait | est tombé | marchait
vip: attendaient | dormaient | ont disparu | travaillaient | chantaient | marchaient
"""

SPANISH = """
s: {gn} {vt} {gn}. | {gn} {vt} {gn} {donde}. | {gn} {vi} {donde}. | {cuando}, {gn} {vt} {gn}.
 | {gn} {vt} {gn}, {y} {gn} {vi} {donde}. | {sub} {gn} {vi} {donde}, {gn} {vt} {gn}.
 | {gn} {vt} {gn} {sub0} {gn} {vi} {donde}. | ¿por qué {vt} {gn} {gn}? | ¿dónde {vi} {gn} {cuando}? | {corto}.
 | {nom} pensaba que {gn} {vi} {donde}. | {gn}, {gn} y {gn} {vip} {donde}.
 | En {1804-1999}, {gn} {vt} {gn}, {y} {nom} {vt} {gn} {cuando}.
gn: el {m} | el {m} {am} | la {f} | la {f} {af} | un {m} | una {f} {af} | {nom} | {nom} | su {m} | nuestra {f}
 | los {2-80} {m}s
donde: en el {m} | cerca de la {f} | detrás del {m} {am} | bajo la {f} {af} | en {lugar} | sin decir nada | con {nom}
 | por la {f}
cuando: por la mañana | una noche de invierno | después de {2-30} días | antes de la guerra | el {dia} | a las {2-11}
 | hace tiempo | más tarde
dia: lunes | martes | miércoles | jueves | viernes | domingo
y: y | pero | así que | y luego
sub: cuando | como | mientras | aunque | si
sub0: porque | cuando | mientras | aunque | hasta que
corto: eso no es del todo cierto | nadie lo sabe | ya volveremos a ello | era un comienzo | todavía se puede ver hoy
nom: doña Remedios | Casimiro | Leonor | el doctor Vidal | Lucía | Baltasar | Matilde | el señor Ríos | Jacinta
 | Eusebio
lugar: Puerto Nuevo | Villaclara | San Onofre | Montefrío | Alcoba
m: jardinero | faro | violín de plata | espejo | vecino | cartero | puente | pueblo | sombrero | barco | sastre
 | mercado | tren | secreto | cuaderno | caballo | museo | paraguas | perro
f: linterna | casa | carta | máquina | pregunta | panadera | estación | montaña | llave | melodía | biblioteca
 | habitación | vecina | promesa | ventana | tormenta | isla | cocina
am: rojo | extraño | antiguo | silencioso | cansado | famoso | diminuto | olvidado | paciente | perdido
af: roja | extraña | antigua | silenciosa | cansada | famosa | diminuta | olvidada | paciente | perdida
vt: encontró | perdió | vendió | buscaba | miraba | dibujó | reparó | olvidó | escondió | contó | describió | quería
vi: esperaba | dormía | desapareció | trabajaba | reía | cantaba | vivía | dudaba | cayó | caminaba
vip: esperaban | dormían | desaparecieron | trabajaban | cantaban | caminaban
"""

# A space ends a word; none is left in the transcript.
CHINESE = """
s: {gn} {vt} {gn} 。 | {gn} {zai} {vt} {gn} 。 | {shi} ， {gn} {zai} {vi} 。 | {gn} {vt} {gn} ， {er} {gn} {zai} {vi} 。
 | {yin} {gn} {vt} {gn} ， {suo} {gn} {vi} 。 | {gn} 为什么 {vt} {gn} ？ | {gn} {zai} {vi} 吗 ？
 | {ming} 说 ， {gn} {zai} {vt} {gn} 。 | {shi} ， {gn} 、 {gn} 和 {gn} {zai} {vi} 。
 | {shi} ， {ming} 看见 {gn} {zai} {vt} {gn} ， {er} {ming} {vi} 。
gn: {adj} 的 {n} | {n} | {ming} | {ming} 的 {n} | 这 个 {n} | 我们 的 {n} | {2-90} 个 {n}
zai: 在 {di} | 在 {di} 旁边 | 在 {di} 后面 | 从 {di}
shi: 早上 | 昨天 晚上 | 很 久 以前 | {2-30} 天 以后 | 星期三 | 冬天 | 有 一 天 | 后来
er: 但是 | 而且 | 所以 | 然后
yin: 因为 | 虽然 | 如果
suo: 所以 | 可是 | 那么
ming: 王 医生 | 小 李 | 老 张 | 陈 老师 | 玛丽 | 我 姐姐 | 船长
n: 钟表 | 邻居 | 园丁 | 信 | 镜子 | 机器 | 小提琴 | 地图 | 自行车 | 问题 | 灯 | 照片 | 学生 | 狗 | 山羊 | 秘密 | 歌 | 字典 | 望远镜
di: 图书馆 | 车站 | 厨房 | 山 上 | 博物馆 | 花园 | 桥 下 | 海边 | 市场 | 学校
adj: 古老 | 安静 | 奇怪 | 红色 | 很 小 | 有名 | 生锈 | 孤独 | 耐心 | 看不见
vt: 找到 了 | 忘记 了 | 卖 了 | 修理 了 | 画 了 | 喜欢 | 数 了 | 描写 了 | 藏 起来 了
vi: 等 了 很 久 | 睡觉 | 工作 | 唱歌 | 笑 了 | 消失 了 | 散步
"""


class Text:
    """Sentences of one language."""

    def __init__(self, grammar, between=" "):
        self.between = between
        rules = re.split(r"^(\w+):", grammar, flags=re.MULTILINE)
        self.rules = {name: [way.strip() for way in ways.split("|")] for name, ways in zip(rules[1::2], rules[2::2])}

    def expand(self, template, chance):
        def one(found):
            least, _, most = found[1].partition("-")
            if most:
                return str(chance.randint(int(least), int(most)))
            return self.expand(chance.choice(self.rules[found[1]]), chance)

        return re.sub(r"{([\w-]+)}", one, template)

    def sentence(self, chance, kind="s"):
        """The words of a sentence, four to twenty-five of them; an advertisement's line may be shorter."""
        while True:
            line = " ".join(self.expand("{" + kind + "}", chance).split())
            line = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", line) if self is ENGLISH_TEXT else line
            line = re.sub(r" (?=[。，？、])", "", line)
            words = line.split(" ")
            if 4 <= len(words) <= 25 or kind == "ad":
                # The first letter, which in Spanish may have a mark before it.
                first = re.search(r"\w", words[0]).start()
                words[0] = words[0][:first] + words[0][first].upper() + words[0][first + 1 :]
                return words

    def join(self, words):
        return self.between.join(words)


ENGLISH_TEXT = Text(ENGLISH)
# What a voice speaks, and how many words a minute: of Chinese, espeak-ng counts the characters.
TEXTS = {
    "en": (ENGLISH_TEXT, (150, 240)),
    "de": (Text(GERMAN), (150, 240)),
    "fr": (Text(FRENCH), (150, 240)),
    "es": (Text(SPANISH), (150, 240)),
    "cmn": (Text(CHINESE, between=""), (230, 340)),
}


def language(voice):
    return re.match(r"\w+", voice)[0]


# ---------------------------------------------------------------- voices
class Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_byte * 8),
    ]


class Espeak:
    """espeak-ng in this process. Its programs write sound but no times of words."""

    SYNCHRONOUS, UTF8, WORD_EVENT, WORDS_PER_MINUTE = 2, 1, 1, 1

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(self.SYNCHRONOUS, 0, None, 0)
        self.sound, self.words = [], []
        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
        # Kept: the library calls it as long as it lives.
        self.callback = callback(self.take)
        self.library.espeak_SetSynthCallback(self.callback)

    def take(self, samples, count, events):
        if samples and count > 0:
            self.sound.append(ctypes.string_at(samples, 2 * count))
        i = 0
        while events[i].type != 0:
            if events[i].type == self.WORD_EVENT and events[i].text_position > 0:
                self.words.append((events[i].text_position - 1, events[i].audio_position))
            i += 1
        return 0

    def say(self, voice, line, pace):
        """The samples, and (position in the line, milliseconds) of the words that espeak-ng tells of."""
        self.sound.clear()
        self.words.clear()
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            sys.exit(f"fit_material: espeak-ng has no voice {voice}")
        self.library.espeak_SetParameter(self.WORDS_PER_MINUTE, pace, 0)
        text = line.encode()
        self.library.espeak_Synth(text, len(text) + 1, 0, 1, 0, self.UTF8, None, None)
        samples = np.frombuffer(b"".join(self.sound), np.int16).astype(np.float64)
        return to_rate(samples, self.rate), list(self.words)

    def spoken(self, voice, text, words, pace):
        """A sentence without the silence around it, and the start and end of each word in milliseconds."""
        line = text.join(words)
        samples, events = self.say(voice, line, pace)
        # Ten milliseconds each: whether anything is to be heard.
        level = np.sqrt(np.mean(samples[: len(samples) // 160 * 160].reshape(-1, 160) ** 2, axis=1))
        heard = level > 0.01 * level.max()
        first, last = np.flatnonzero(heard)[[0, -1]]
        starts, place = [], 0
        for word in words:
            place = line.index(word, place)
            starts.append(place)
            place += len(word)
        told = [None] * len(words)
        for position, ms in events:
            word = max(i for i, start in enumerate(starts) if start <= position)
            told[word] = ms if told[word] is None else told[word]
        told[0] = 10 * first
        times = self.between(told, words, 10 * (last + 1))
        spans = []
        for start, end in zip(times, [*times[1:], 10 * (last + 1)]):
            # Not the rest after a comma.
            loud = np.flatnonzero(heard[round(start / 10) : round(end / 10)])
            spans.append((start, min(end, 10 * (round(start / 10) + loud[-1] + 1)) if len(loud) else end))
        begin = 10 * first
        return samples[begin * MS : 10 * (last + 1) * MS], [(start - begin, end - begin) for start, end in spans]

    @staticmethod
    def between(told, words, end):
        """espeak-ng joins some short words and tells of the first only: the others get a part of its time."""
        times = list(told)
        i = 0
        while i < len(times):
            j = i + 1
            while j < len(times) and told[j] is None:
                j += 1
            until = told[j] if j < len(times) else end
            letters = [len(word) for word in words[i:j]]
            for k in range(i + 1, j):
                times[k] = told[i] + (until - told[i]) * sum(letters[: k - i]) / sum(letters)
            i = j
        return times


@functools.cache
def espeak():
    return Espeak()


def to_rate(samples, rate):
    """The samples at our rate, by their spectrum: what is spoken in between stays where it was."""
    common = math.gcd(rate, RATE)
    # A length that is quickly transformed.
    count = -(-len(samples) // (16 * rate // common)) * 16
    spectrum = np.fft.rfft(samples, count * (rate // common))
    length = count * (RATE // common)
    return np.fft.irfft(spectrum[: length // 2 + 1], length) * (RATE / rate)


def flite(voice, line):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "line.wav")
        subprocess.run(["flite", "-voice", voice, "-t", line, "-o", path], check=True, stdout=subprocess.DEVNULL)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            return to_rate(samples.astype(np.float64), file.getframerate())


# ---------------------------------------------------------------- sound
def loudness(samples):
    """The root of the mean square while something is to be heard."""
    power = np.mean(samples[: len(samples) // 320 * 320].reshape(-1, 320).astype(np.float64) ** 2, axis=1)
    return math.sqrt(np.mean(power[power > 1e-4 * power.max()]))


def levelled(samples, loud=LOUD):
    return samples * (loud / loudness(samples))


def sixteen_bits(samples):
    return np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16)


def generator(chance):
    return np.random.default_rng(chance.getrandbits(64))


def room(count, chance):
    """What a microphone hears where nobody speaks."""
    return np.resize(generator(chance).normal(0, ROOM, min(count, 20 * RATE)), count)


def pink_noise(count, chance):
    """Half as loud in power with each doubling of the frequency; repeated without a seam after four minutes."""
    length = 1 << 22
    spectrum = np.fft.rfft(generator(chance).normal(0, 1, length))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, length)
    return np.resize(noise / noise.std(), count)


def faded(samples, ms):
    count = min(ms * MS, len(samples) // 2)
    samples[:count] *= np.linspace(0, 1, count)
    samples[-count:] *= np.linspace(1, 0, count)
    return samples


def music(count, chance):
    """Chords, a bass and drums, in passages that differ in tempo, key and sound. As loud as one."""
    passages = [passage(chance) for _ in range(min(6, 1 + count // (20 * RATE)))]
    parts, length = [], 0
    while length < count:
        part = chance.choice(passages) * chance.uniform(0.6, 1.2)
        parts.append(faded(np.tile(part, chance.randint(1, 3)), 40))
        length += len(parts[-1])
    whole = np.concatenate(parts)[:count]
    return whole / (whole.std() + 1e-9)


def passage(chance):
    """Four chords, each lasting a bar of four beats."""
    noise = generator(chance)
    beat = round(60 / chance.randint(70, 140) * RATE)
    key = 110 * 2 ** (chance.randint(0, 11) / 12)
    # Steps of a major scale, of which the chords are thirds above each other.
    scale = [0, 2, 4, 5, 7, 9, 11]
    tone = lambda step: key * 2 ** (step // 7 + scale[step % 7] / 12)
    partials = [(k, chance.uniform(0.2, 1) / k) for k in range(1, 6)]
    decay, drums = chance.uniform(0.3, 3), chance.uniform(0, 1.2)
    sound = np.zeros(16 * beat)

    def play(at, length, frequency, volume, decay):
        time = np.arange(min(length, len(sound) - at)) / RATE
        note = sum(part * np.sin(2 * np.pi * frequency * k * time) for k, part in partials)
        attack = np.minimum(1, time / 0.01)
        sound[at : at + len(time)] += volume * note * attack * np.exp(-decay * time)

    for bar, root in enumerate(chance.choice(([0, 5, 3, 4], [0, 3, 4, 0], [5, 3, 0, 4], [0, 4, 5, 2]))):
        start = 4 * bar * beat
        for step in (root, root + 2, root + 4):
            play(start, 4 * beat, 2 * tone(step), 0.3, decay)
        for at in range(4):
            hit = start + at * beat
            play(hit, beat, tone(root) / 2, 0.5, 4)
            play(hit + beat // 2, beat, 4 * tone(root + chance.choice((0, 2, 4, 6))), 0.25, 6)
            for place, length, volume in ((hit, 0.03, 0.2), (hit + beat // 2, 0.03, 0.3), (hit, 0.12, at % 2)):
                burst = noise.normal(0, 1, round(length * RATE)) * np.exp(-np.linspace(0, 5, round(length * RATE)))
                burst = burst[: len(sound) - place]
                sound[place : place + len(burst)] += drums * volume * burst
    return sound


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


# ---------------------------------------------------------------- what all the cases are made of
class Talk:
    """An episode: the samples, the words with their times, and the numbers of the words that begin sentences and those
    that begin paragraphs."""

    def __init__(self, voice, samples, told):
        self.voice, self.samples = voice, samples
        self.words, self.sentences, self.paragraphs = told["words"], told["sentences"], told["paragraphs"]
        self.language = language(voice)
        self.text = TEXTS[self.language][0]

    @classmethod
    def speak(cls, voice, minutes, chance):
        text, paces = TEXTS[language(voice)]
        parts = [room(chance.randint(1000, 2500) * MS, chance)]
        length, words, sentences, paragraphs = len(parts[0]), [], [], []
        left = 0
        while length < minutes * 60 * RATE:
            rest = chance.choice((0.05, 0.1, 0.15, 0.3, 0.5, 0.9))
            if left == 0:
                left = chance.randint(3, 8)
                paragraphs.append(len(words))
                rest = 1.5 if chance.random() < 0.4 else rest
            left -= 1
            # The rest comes before the sentence, so that a paragraph's can be longer.
            if words:
                parts.append(np.zeros(round(rest * RATE)))
                length += len(parts[-1])
            sentences.append(len(words))
            line = text.sentence(chance)
            samples, spans = espeak().spoken(voice, text, line, chance.randint(*paces))
            begin = length / MS
            words += [[round(begin + start), round(begin + end), word] for (start, end), word in zip(spans, line)]
            parts.append(samples)
            length += len(samples)
        parts.append(np.zeros(RATE))
        samples = levelled(np.concatenate(parts))
        samples += room(len(samples), chance)
        return cls(voice, sixteen_bits(samples), {"words": words, "sentences": sentences, "paragraphs": paragraphs})


class Store:
    """Speaks each thing once and keeps it beside the cases."""

    def __init__(self, folder, seed):
        self.folder, self.seed = folder / "spoken" / str(seed), seed
        self.folder.mkdir(parents=True, exist_ok=True)

    def kept(self, name, make):
        """What `make` gives, made in a process of its own: how espeak-ng speaks depends on what it spoke before."""
        path = self.folder / f"{name}.s16"
        if not path.exists():
            unfinished = self.folder / "unfinished"
            process = multiprocessing.get_context("fork").Process(target=lambda: make().tofile(unfinished))
            process.start()
            process.join()
            if process.exitcode != 0:
                sys.exit(f"fit_material: {name} cannot be spoken")
            unfinished.rename(path)
        return np.fromfile(path, np.int16)

    @functools.lru_cache(maxsize=4)
    def talk(self, voice, minutes):
        name = f"{voice}-{minutes}"
        told = self.folder / f"{name}.json"

        def speak():
            talk = Talk.speak(voice, minutes, random.Random(f"{self.seed}/{name}"))
            parts = {"words": talk.words, "sentences": talk.sentences, "paragraphs": talk.paragraphs}
            told.write_text(json.dumps(parts, ensure_ascii=False), "utf-8")
            return talk.samples

        samples = self.kept(name, speak)
        return Talk(voice, samples, json.loads(told.read_text("utf-8")))

    @functools.cache
    def spots(self, voice=None):
        """Advertisements of 10 to 25 s: flite's, or spoken by an episode's own voice."""
        voices = [voice] * 6 if voice else ["slt", "rms", "kal16", "awb"] * 3

        def speak(voice, spot):
            chance = random.Random(f"{self.seed}/spot/{voice}/{spot}")
            text = TEXTS[language(voice)][0] if in_espeak else ENGLISH_TEXT
            parts = []
            for _ in range(chance.randint(3, 5)):
                line = text.sentence(chance, "ad" if text is ENGLISH_TEXT else "s")
                if in_espeak:
                    parts += [espeak().spoken(voice, text, line, chance.randint(150, 240))[0], np.zeros(RATE // 4)]
                else:
                    parts.append(flite(voice, text.join(line)))
            return sixteen_bits(levelled(np.concatenate(parts)))

        in_espeak = voice is not None
        return [self.kept(f"spot-{one}-{i}", lambda: speak(one, i)) for i, one in enumerate(voices)]

    def advertising(self, ms, chance, voice=None):
        """A break of that length: advertisements one after the other, most with soft music under them."""
        spots = self.spots(voice)
        sound = room(ms * MS, chance)
        at = chance.randint(200, 600) * MS
        while at < len(sound) - RATE:
            spot = chance.choice(spots)[: len(sound) - at - RATE // 10]
            sound[at : at + len(spot)] += spot * chance.uniform(0.7, 1.3)
            at += len(spot) + chance.randint(200, 700) * MS
        if voice is None or chance.random() < 0.5:
            sound += faded(music(len(sound), chance), 300) * LOUD * 0.12
        return faded(sound, 20)


# ---------------------------------------------------------------- cues: a first word, and the one after the last
def captions(talk, chance):
    """Seven to fourteen words each, wherever that is."""
    cues, first = [], 0
    while first < len(talk.words):
        after = min(len(talk.words), first + chance.randint(7, 14))
        cues.append((first, after))
        first = after
    return cues


def by_letters(talk, _chance, most=65):
    cues, first = [], 0
    for i in range(1, len(talk.words) + 1):
        if i == len(talk.words) or len(talk.text.join(word for _, _, word in talk.words[first : i + 1])) > most:
            cues.append((first, i))
            first = i
    return cues


def by_sentence(talk, _chance):
    return list(zip(talk.sentences, [*talk.sentences[1:], len(talk.words)]))


def by_minute(talk, _chance):
    """Whole sentences, until a minute is full."""
    cues, first = [], 0
    for i in [*talk.sentences[1:], len(talk.words)]:
        if i == len(talk.words) or talk.words[i][0] - talk.words[first][0] >= 57_000:
            cues.append((first, i))
            first = i
    return cues


# ---------------------------------------------------------------- a case
class Case:
    """Begins as an episode and its exact transcript; each step then changes the recording or the transcript."""

    def __init__(self, store, row, number, seed, talk, cut=captions, rests=False):
        self.store, self.row, self.number, self.talk = store, row, number, talk
        self.chance = random.Random(f"{seed}/{row}/{number}")
        self.sound, self.moves, self.what = talk.samples, [], []
        self.cues = cut(talk, self.chance)
        self.starts = [talk.words[first][0] for first, _ in self.cues]
        self.texts = [[word for _, _, word in talk.words[first:after]] for first, after in self.cues]
        self.ends = [*self.starts[1:], talk.words[-1][1]]
        if rests:
            self.ends = [talk.words[after - 1][1] for _, after in self.cues]
        # Where nothing is told of the times by the transcript.
        self.plain = False
        if cut is not captions:
            self.what.append(cut.__name__.replace("_", " "))
        # How far the transcript's clock is wrong.
        self.late = 0

    def at(self, ms):
        """Where a time of the episode is in the recording; None where it is not."""
        for move in self.moves:
            if ms is not None:
                ms = move(ms)
        return ms

    def border(self, cue):
        """The middle between the cue's first word and the word before."""
        first = self.cues[cue][0]
        return (self.talk.words[first - 1][1] + self.talk.words[first][0]) // 2 if first else self.talk.words[0][0] // 2

    def splice(self, edits):
        """Takes from the recording at each place so many milliseconds, and puts in other samples."""
        parts, done = [], 0
        for at, taken, put in edits:
            parts += [self.sound[done : at * MS], sixteen_bits(put)]
            done = (at + taken) * MS
        self.sound = np.concatenate([*parts, self.sound[done:]])

        def move(ms):
            by = 0
            for at, taken, put in edits:
                if at <= ms < at + taken:
                    return None
                by += len(put) / MS - taken if at <= ms else 0
            return ms + by

        self.moves.append(move)

    def apart(self, count, length):
        """So many stretches of cues, of a length each that `length` gives, with enough of the episode around them."""
        found = []
        for _ in range(1000):
            cue = self.chance.randrange(1, len(self.cues))
            at, lasting = self.border(cue), length()
            until = next((i for i in range(cue, len(self.cues)) if self.border(i) >= at + lasting), None)
            if at < 20_000 or until is None or self.border(until) > self.ends[-1] - 20_000:
                continue
            if all(self.border(until) + APART <= self.border(a) or self.border(b) + APART <= at for a, b in found):
                found.append((cue, until))
            if len(found) == count:
                break
        return sorted(found)

    def breaks(self, least, most, same_voice=False):
        """Breaks before cues, wherever the voice is then; now and then one before the first."""
        cues = [cue for cue, _ in self.apart(self.chance.randint(least, most), lambda: 0)]
        if self.chance.random() < 0.25:
            cues[0] = 0
        edits = []
        for cue in cues:
            ms = self.chance.randint(15_000, 120_000)
            voice = self.talk.voice if same_voice else None
            edits.append((self.border(cue), 0, self.store.advertising(ms, self.chance, voice)))
            self.what.append(f"{ms / 1000:.0f} s before cue {cue + 1}")
        if self.moves:
            # The places are the episode's. Rounded up, one could come after the beginning of the cue it is before.
            edits = [(math.floor(self.at(at)), 0, put) for at, _, put in edits]
        self.splice(edits)
        return self

    def missing(self, count):
        stretches = self.apart(count, lambda: self.chance.randint(15_000, 120_000))
        for cue, until in stretches:
            self.what.append(f"cues {cue + 1} to {until} are missing")
        self.splice([(self.border(a), self.border(b) - self.border(a), np.zeros(0)) for a, b in stretches])
        return self

    def offset(self):
        ms = self.chance.randint(3000, 20_000)
        if self.number % 2:
            self.what.append(f"{ms / 1000:.1f} s more at the start")
            self.splice([(0, 0, self.lead(ms, talking=self.number % 4 == 1))])
        else:
            self.what.append(f"the transcript is {ms / 1000:.1f} s late")
            self.late = ms
        return self

    def lead(self, ms, talking=False):
        """What may be before the episode: silence or music, or other talk."""
        if talking:
            return self.store.advertising(ms, self.chance)
        sound = room(ms * MS, self.chance)
        if self.chance.random() < 0.5:
            sound += faded(music(len(sound), self.chance), 300) * LOUD * 0.5
        return sound

    def rate(self, rate):
        """Slower or faster, with the pitch. ffmpeg takes whole rates only, so the true one differs a little."""
        told = round(RATE / rate)
        how = [*FFMPEG, *RAW, "-ar", str(told), "-i", "-", *RAW, "-ar", str(RATE), "-"]
        changed = subprocess.run(how, input=self.sound.tobytes(), check=True, stdout=subprocess.PIPE).stdout
        self.sound = np.frombuffer(changed, np.int16)
        self.moves.append(lambda ms: ms * RATE / told)
        self.what.append(f"rate {RATE / told:.5f}")
        return self

    def over_all(self, sound, decibels):
        """Adds other sound, so many decibels under the speech."""
        self.sound = sixteen_bits(self.sound + sound(len(self.sound), self.chance) * LOUD * 10 ** (-decibels / 20))
        return self

    def wrong_words(self):
        """Of twenty words, one is another, one is left out, and one is followed by one too many; of twenty cues, one is
        left out."""
        other = [word for _, _, word in self.talk.words]
        texts = []
        for words in self.texts:
            kept = []
            for word in words:
                fate = self.chance.random()
                if fate < 0.05:
                    word = self.chance.choice(other)
                if not 0.05 <= fate < 0.1:
                    kept.append(word)
                if 0.1 <= fate < 0.15:
                    kept.append(self.chance.choice(other))
            texts.append(kept or words[:1])
        self.texts = texts
        kept = [i for i in range(len(texts)) if self.chance.random() >= 0.05]
        for name in ("texts", "starts", "ends", "cues"):
            setattr(self, name, [getattr(self, name)[i] for i in kept])
        return self

    def untimed(self):
        self.plain = True
        self.splice([(0, 0, self.lead(self.chance.randint(2000, 8000)))])
        self.sound = np.concatenate([self.sound, sixteen_bits(self.lead(self.chance.randint(2000, 10_000)))])
        return self

    def foreign(self, recording):
        """The recording becomes another one."""
        self.sound, self.moves = recording.samples, [lambda _: None]
        self.what.append(f"the recording is of {recording.voice}, {len(recording.samples) / RATE / 60:.0f} min")
        return self

    def shortened(self, ms):
        """Leaves out of the transcript what comes later."""
        count = sum(start < ms for start in self.starts)
        for name in ("texts", "starts", "ends", "cues"):
            setattr(self, name, getattr(self, name)[:count])
        return self

    def write(self, folder, as_mp3=False):
        folder = folder / self.row / f"{self.number:02}"
        folder.mkdir(parents=True, exist_ok=True)
        write_wav(folder / "recording.wav", self.sound)
        if as_mp3:
            how = ["-c:a", "libmp3lame", "-b:a", "24k"]
            subprocess.run([*FFMPEG, "-i", folder / "recording.wav", *how, folder / "recording.mp3"], check=True)
            (folder / "recording.wav").unlink()
        if self.plain:
            paragraphs = zip(self.talk.paragraphs, [*self.talk.paragraphs[1:], len(self.talk.words)])
            lines = [self.talk.text.join(word for _, _, word in self.talk.words[a:b]) for a, b in paragraphs]
            (folder / "transcript.txt").write_text("\n\n".join(lines) + "\n", "utf-8")
        else:
            times = [[start + self.late, end + self.late] for start, end in zip(self.starts, self.ends)]
            subrip(folder / "transcript.srt", times, map(self.talk.text.join, self.texts))
        rounded = lambda ms: None if ms is None else round(ms)
        truth = {
            "row": self.row,
            "belongs": self.row != "foreign",
            "minutes": round(len(self.sound) / RATE / 60, 2),
            "language": self.talk.language,
            "what": "; ".join(self.what),
            "cues": [rounded(self.at(start)) for start in self.starts],
        }
        if self.plain or self.row == "words":
            words = self.talk.words
            truth["words"] = [[rounded(self.at(start)), rounded(self.at(end)), word] for start, end, word in words]
        if self.plain:
            truth["sentences"] = [truth["words"][first][0] for first in self.talk.sentences]
        (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
        what = truth["what"] or "nothing wrong"
        return f"{truth['minutes']:.1f} min of {self.talk.voice}, {len(self.cues)} cues; {what}"


def subrip(path, times, texts):
    blocks = (f"{i}\n{stamp(a)} --> {stamp(b)}\n{text}\n" for i, ((a, b), text) in enumerate(zip(times, texts), 1))
    path.write_text("\n".join(blocks), "utf-8")


# ---------------------------------------------------------------- the rows
US, GB, F3, SCOT = "en-us", "en-gb-x-rp", "en-us+f3", "en-gb-scotland"
# The voice and the minutes of each case, and what else it needs. The first third of a row is its quick part.
SPOKEN = {
    "nothing": [(US, 5), ("fr", 12), (GB, 32), ("cmn", 5), (F3, 12), ("de", 32)],
    "offset": [(GB, 5), (US, 12), (F3, 32), ("es", 5), (SCOT, 12), (US, 32)],
    "breaks": [(US, 5), (GB, 12), (US, 32), (SCOT, 5), (F3, 12), (GB, 32), ("de", 12), (F3, 32)],
    "noise": [(US, 12), (F3, 32), (SCOT, 5), ("fr", 12)],
    "music": [(GB, 12), (US, 32), (F3, 5), ("es", 12)],
    "mp3": [(F3, 12), (GB, 32), (US, 5), ("de", 12)],
    "samevoice": [(US, 12), (GB, 32), (F3, 5), ("de", 12)],
    "missing": [(US, 5), (GB, 12), (F3, 32), ("fr", 12), (US, 32)],
    "rate": [
        *[(US, 5, 1.001), (GB, 12, 25 / 24), (F3, 32, 0.999)],
        *[(SCOT, 12, 24 / 25), ("de", 32, 1.0035), ("es", 5, 0.97)],
    ],
    "ratebreaks": [(GB, 12, 24 / 25), (US, 32, 25 / 24), (F3, 5, 1.0035), (SCOT, 12, 0.999)],
    "wrongwords": [(GB, 5), (US, 12), (F3, 32), (SCOT, 12), (GB, 32)],
    "shapes": [
        *[(US, 12, by_letters), (GB, 12, by_minute), (F3, 12, by_sentence)],
        *[(GB, 32, by_letters), (US, 32, by_minute), (SCOT, 5, by_sentence)],
    ],
    # The transcript's, then the recording's. Some are of one voice, as two episodes of one show are.
    "foreign": [
        *[(US, 5, GB, 5), (F3, 12, SCOT, 12), ("de", 5, "fr", 5), (US, 12, US, 5), (GB, 5, F3, 5), ("cmn", 5, US, 5)],
        *[(GB, 32, US, 32), (F3, 5, SCOT, 5), (SCOT, 5, US, 5), (US, 5, F3, 5), (SCOT, 5, GB, 5), ("fr", 5, "es", 5)],
        *[("es", 5, "de", 5), (US, 5, "de", 5), (GB, 12, US, 12), (F3, 12, GB, 12), (US, 12, SCOT, 12)],
        *[("es", 12, "de", 12), ("de", 12, "fr", 12), (GB, 32, GB, 12)],
    ],
    "untimed5": [(US, 5), (GB, 5), ("de", 5)],
    "untimed30": [(F3, 32), (US, 32)],
    "words": [(US, 5), (F3, 5), ("fr", 5)],
}
# The least and the most breaks in a recording of so many minutes.
BREAKS = {5: (1, 2), 12: (2, 4), 32: (3, 6)}
MISSING = {5: 1, 12: 2, 32: 4}


def make(store, folder, seed, row, number):
    voice, minutes, *more = SPOKEN[row][number]
    cut = more[0] if row == "shapes" else captions
    case = Case(store, row, number + 1, seed, store.talk(voice, minutes), cut, rests=cut is by_sentence)
    if row in ("breaks", "noise", "music", "mp3", "wrongwords", "shapes", "samevoice"):
        case.breaks(*BREAKS[minutes], same_voice=row == "samevoice")
    if row == "noise":
        case.over_all(pink_noise, 10)
    if row == "music":
        case.over_all(music, 6)
    if row == "wrongwords":
        case.wrong_words()
    if row == "offset":
        case.offset()
    if row == "missing":
        case.missing(MISSING[minutes])
    if row in ("rate", "ratebreaks"):
        case.rate(more[0])
    if row == "ratebreaks":
        case.breaks(1, min(3, BREAKS[minutes][1]))
    if row == "foreign":
        case.foreign(store.talk(*more)).shortened(more[1] * 60_000)
    if row.startswith("untimed"):
        case.untimed()
    return case.write(folder, as_mp3=row == "mp3")


def make_long(store, folder, seed):
    """Ten hours, strung together of pieces of the episodes."""
    chance = random.Random(f"{seed}/long")
    folder = folder / "long" / "01"
    folder.mkdir(parents=True, exist_ok=True)
    spoken = {tuple(case[:2]) for cases in SPOKEN.values() for case in cases}
    episodes = sorted(episode for episode in spoken if language(episode[0]) == "en")
    hours = 36_000_000
    due = sorted(chance.sample(range(0, hours, 600_000), 6))
    how = ["-c:a", "libmp3lame", "-b:a", "64k", folder / "recording.mp3"]
    encoder = subprocess.Popen([*FFMPEG, *RAW, "-ar", str(RATE), "-i", "-", *how], stdin=subprocess.PIPE)
    times, texts, truth, now, put_in = [], [], [], 0, 0
    while now < hours:
        talk = store.talk(*chance.choice(episodes))
        cues = captions(talk, chance)
        first = chance.randrange(0, max(1, len(cues) - 90))
        piece = cues[first : first + chance.randint(30, 90)]
        for a, b in piece:
            start = talk.words[a][0]
            end = talk.words[b][0] if b < len(talk.words) else talk.words[-1][1]
            if due and now >= due[0]:
                due.pop(0)
                ms = chance.randint(15_000, 120_000)
                encoder.stdin.write(sixteen_bits(store.advertising(ms, chance)).tobytes())
                put_in += ms
            times.append((now, now + end - start))
            texts.append(talk.text.join(word for _, _, word in talk.words[a:b]))
            truth.append(now + put_in)
            encoder.stdin.write(talk.samples[start * MS : end * MS].tobytes())
            now += end - start
    encoder.stdin.close()
    if encoder.wait() != 0:
        sys.exit("fit_material: ffmpeg failed")
    subrip(folder / "transcript.srt", times, texts)
    minutes = round((now + put_in) / 60_000, 2)
    told = {"row": "long", "belongs": True, "minutes": minutes, "language": "en", "what": "6 breaks", "cues": truth}
    (folder / "truth.json").write_text(json.dumps(told), "utf-8")
    return f"{minutes:.0f} min, {len(truth)} cues; {told['what']}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, metavar="OUT_DIR")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", metavar="ROW,...", help=", ".join([*SPOKEN, "long"]))
    options.add_argument("--quick", action="store_true", help="a third of each row")
    options = options.parse_args()
    rows = options.only.split(",") if options.only else list(SPOKEN)
    for row in rows:
        if row not in SPOKEN and row != "long":
            sys.exit(f"fit_material: there is no row {row}")

    store = Store(options.folder, options.seed)
    for row in rows:
        if row == "long":
            print(f"long/01: {make_long(store, options.folder, options.seed)}", flush=True)
            continue
        count = -(-len(SPOKEN[row]) // 3) if options.quick else len(SPOKEN[row])
        for number in range(count):
            print(f"{row}/{number + 1:02}: {make(store, options.folder, options.seed, row, number)}", flush=True)


if __name__ == "__main__":
    main()
