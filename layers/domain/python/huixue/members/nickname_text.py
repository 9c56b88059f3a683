"""Nicknames as text: one spelling for what looks the same, cut into parts at everything that is no letter or digit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LENGTH_OF_INTEREST = 64
"""Letters, digits and separators read of one nickname; group nicknames are far shorter."""
_SIMPLIFIED = str.maketrans(
    "長瀋陽慶廣東貴乾膚灣臺蘇無錫龍濟濱爾齊寧漢鄭蘭銀烏魯圖門遼陝肅雲內鎮連運揚興紹溫廈貢樂義滬輛渾劉張國縣區鄉鐵嶺錦營葉蘆島鶴雞雙鴨綏豐陸莊萊煙濰臨許駐馬黃岡荊陰隨"
    "婁嶽懷關頭賀來賓瀘綿達資畢節銅麗滄瑪納倫貝彥鳳鄰綠幹幾膩雜頰兩現轉變換從經過沒別個隻顆還給買媽閨濕軟膠會產體實話題華亞凱輝鞏懸蕪贛鷹饒撫塩鹽順蓋攜遠漸質極嚴輕純"
    "愛類顏臉紅絲爛裡裏時後歲遷離開飯麵麪魚蝦醬豬戰閉學醫藥車機場館樓橋園灘廠鍋燒湯氣電視報隊員與們兒爺婦寶貓敘涼滿騰衝蒼彌棗儀徵應鍾鐘監潛恆澤呂歷鄆鉅榮諸壽禪羅潯瓊"
    "萬劍崍簡尋鹹韓涇隴積樹吳衛環額風帶嗎誰該當敗專適點邊號種聖楊陳趙鄧蔣錢孫謝鄒龐閻盧蕭賴譚鷄態狀賣認識難網線紙細組終結緊繃總蠟妝護潔淨係喬圓塊塵夢夾寫將對導屬帥師"
    "幫庫廳彈復戲擔據數斷書條權歡殺潤為獨獻畫癢發盤眾睏稅竊筆糾紀約級統絕練編緣繼續羨習聞聯聽脫舊範莖處蘿蔔補裝覺觀計訂記設試詳說語請論諾證讀讓貨責費賽贊趕跡躍軍載較"
    "辦農遊遲選醜釋針錄錯鍵鎖鏡間閃陣際險雖靈靜響頁項須預領願顧飛養騷驗鬆鬧鮮齡",
    "长沈阳庆广东贵干肤湾台苏无锡龙济滨尔齐宁汉郑兰银乌鲁图门辽陕肃云内镇连运扬兴绍温厦贡乐义沪辆浑刘张国县区乡铁岭锦营叶芦岛鹤鸡双鸭绥丰陆庄莱烟潍临许驻马黄冈荆阴随"
    "娄岳怀关头贺来宾泸绵达资毕节铜丽沧玛纳伦贝彦凤邻绿干几腻杂颊两现转变换从经过没别个只颗还给买妈闺湿软胶会产体实话题华亚凯辉巩悬芜赣鹰饶抚盐盐顺盖携远渐质极严轻纯"
    "爱类颜脸红丝烂里里时后岁迁离开饭面面鱼虾酱猪战闭学医药车机场馆楼桥园滩厂锅烧汤气电视报队员与们儿爷妇宝猫叙凉满腾冲苍弥枣仪征应钟钟监潜恒泽吕历郓巨荣诸寿禅罗浔琼"
    "万剑崃简寻咸韩泾陇积树吴卫环额风带吗谁该当败专适点边号种圣杨陈赵邓蒋钱孙谢邹庞阎卢萧赖谭鸡态状卖认识难网线纸细组终结紧绷总蜡妆护洁净系乔圆块尘梦夹写将对导属帅师"
    "帮库厅弹复戏担据数断书条权欢杀润为独献画痒发盘众困税窃笔纠纪约级统绝练编缘继续羡习闻联听脱旧范茎处萝卜补装觉观计订记设试详说语请论诺证读让货责费赛赞赶迹跃军载较"
    "办农游迟选丑释针录错键锁镜间闪阵际险虽灵静响页项须预领愿顾飞养骚验松闹鲜龄",
)
"""Of names of places, states of the skin and the words around them."""
_DROPPED = {"Cf", "Mn", "Me", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of letters and digits between separators."""

    text: str
    places: Sequence[int]
    """Where each of its characters stands in the nickname."""
    before: str = ""
    """The separators in front of it, and `after`, behind it."""
    after: str = ""
    is_cut: bool = False
    """The text went on where reading stopped."""


def parts_of(nickname: str) -> list[Part]:
    """The parts in their order. Compatibility forms, tone marks, invisible characters, case and traditional characters
    are levelled; at most LENGTH_OF_INTEREST characters are read, so work is bounded by one pass over the text."""
    letters: list[tuple[str, int]] = []
    for place, char in enumerate(nickname):
        if len(letters) >= LENGTH_OF_INTEREST:
            return _parts(letters, is_cut=True)
        for each in unicodedata.normalize("NFKD", char):
            category = unicodedata.category(each)
            if category in _DROPPED:
                continue
            plain = " " if category == "Cc" else each  # a control character separates
            letters.append((plain.translate(_SIMPLIFIED).lower()[:1], place))
    return _parts(letters, is_cut=False)


def levelled(name: str) -> str:
    """A name in the spelling that parts have."""
    return name.translate(_SIMPLIFIED).lower()


def is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def _parts(letters: Sequence[tuple[str, int]], *, is_cut: bool) -> list[Part]:
    runs: list[tuple[bool, list[tuple[str, int]]]] = []
    for index, (char, place) in enumerate(letters):
        kept = is_letter(char)
        if char in "'’" and _between_latin(letters, index):
            kept = True
        if not runs or runs[-1][0] != kept:
            runs.append((kept, []))
        runs[-1][1].append((char, place))
    texts = ["".join(char for char, _ in run) for _, run in runs]
    return [
        Part(
            text=texts[index],
            places=[place for _, place in run],
            before=texts[index - 1] if index else "",
            after=texts[index + 1] if index + 1 < len(runs) else "",
            is_cut=is_cut and index + 1 == len(runs),
        )
        for index, (kept, run) in enumerate(runs)
        if kept
    ]


def _between_latin(letters: Sequence[tuple[str, int]], index: int) -> bool:
    near = [*letters[max(0, index - 1) : index], *letters[index + 1 : index + 2]]
    return len(near) == 2 and all("a" <= char <= "z" for char, _ in near)
