"""The vocabulary of group nicknames beside places and skin: what tells that a word does or does not hold now."""

from __future__ import annotations

from functools import cache
from typing import Literal

Kind = Literal[
    "present",
    "past",
    "denied",
    "season",
    "complaint",
    "word",
    "person",
    "of",
    "elsewhere",
    "wide",
    "either",
    "thing",
    "label",
]

VOCABULARY: dict[Kind, str] = {
    # she is there, or it is so, now
    "present": (
        "现居地 现居 现居住 现居住地 现住 现住地 现在住 现在人在 现在 现 坐标 定居 常住 常驻 "
        "住在 家住 居住 居住地 人在 在 搬到 搬来 搬去 搬家到 来到 位于 目前 目前在 如今 "
        "如今在 定位 落户 嫁到 生活在 生活 工作在 base 坐落 目前是 现在是 现为 已搬到 已到 "
        "长居 久居 移居 迁到 base在 base: 我是 我 本人 自己"
    ),
    # what was, or is wished for
    "past": (
        "以前在 以前是 以前 曾经是 曾经在 曾经的 曾经 曾在 曾是 曾 原来是 原来在 原来 原籍 "
        "原 之前在 之前是 之前 从前 老家是 老家在 老家 故乡 家乡 祖籍 籍贯 户籍 出生于 "
        "出生在 出生 离开 告别 逃离 再见 想念 怀念 梦回 想去 想回 想搬去 想搬到 想住 好想去 "
        "要去 去过 去 飞往 向往 梦想去 梦想是 梦想 下一站 打算去 准备去 即将去 将去 路过 "
        "途经 出差 旅游 打卡 想逛 最爱 爱 想吃 毕业于 毕业 小时候在 小时候 年轻时 前 前身 "
        "假装在 假装 以为是 以为 逛逛 等风来 期待 种草 计划去 回不去的 暂别 从"
    ),
    # what is not so, or is somebody else's
    "denied": (
        "再也不是 从来不是 并不是 才不是 不再是 都不是 不是 是不是 不要 不想要 不想做 不算 "
        "不属于 不在 没在 不住在 不住 已不在 没住 人不在 不 非 没有 没 别 拒绝 告别 再见 "
        "讨厌 羡慕 羡慕别人的 嫉妒 梦想有 想要 想变 想变成 想做 想当 想成为 想拥有 渴望 向往 "
        "求 求一张 希望是 希望 好像是 好像 疑似 可能是 可能 大概是 大概 应该是 也许 不知道是 "
        "不知道 不确定 分不清 不晓得 搞不清 怀疑是 怀疑 似乎 说是 伪装 伪 假 准 我妈是 我妈 "
        "我妈妈 老妈 我爸 我爸爸 老爸 老公是 老公 男朋友 男友 女朋友 女友 对象 闺蜜 室友 "
        "同事 朋友 我姐 我妹 我弟 我哥 女儿 儿子 我闺女 我儿子 我女儿 婆婆 他是 她是 妹妹是 "
        "姐姐是 弟弟 哥哥 爸爸 妈妈 奶奶 给妈妈 给老公 给男友 给老妈 给女儿 替 帮 代 给 "
        "别人家的 别人的 人家 专治 专攻 专用 适合 拯救 抗 远离 摆脱 逃离 战胜 消灭 打败 治好 "
        "改善 终结 打倒 毕业 买的 用的 看的 问的 送的 推荐的 专用的 想拿"
    ),
    # holds for a season or at times
    "season": (
        "换季时 换季才 换季就 换季会 换季 春季 夏季 秋季 冬季 春夏 秋冬 春秋 冬春 夏秋 春天 "
        "夏天 秋天 冬天 春 夏 秋 冬 季节性 季节 经期 生理期 姨妈期 孕期 熬夜后 熬夜 偶尔 "
        "偶发 有时 有时候 间歇性 间歇 阶段性 暂时 晒后 早上 晚上 白天 空调房 入秋 入冬 入夏 "
        "换季期 冷天 热天"
    ),
    # no state of the skin
    "complaint": (
        "过敏体质 过敏 红血丝 烂脸 激素脸 闭口 痘印 战痘 泛红 起皮 爆痘 长痘 痘坑 痘疤 黑头 "
        "毛孔 毛孔粗大 粉刺 屏障受损 暗沉 色斑 雀斑 黄黑皮 黄皮 冷白皮 白皮 黑皮 黄一白 "
        "熟龄肌 熟龄 轻熟肌 初老 初老肌 城墙皮 敏敏 豆豆 晒斑 斑斑 黑眼圈 细纹 湿疹 玫瑰痤疮 "
        "痤疮 屏障 油头 大油头 脂溢 暖黄皮 黄二白 小麦肌 冷皮 暖皮 少女肌 婴儿肌 水光肌 "
        "奶油肌 冷白 眼干 唇干"
    ),
    "label": (
        "地区 城市 地点 所在地 所在城市 皮肤 皮肤状态 皮肤类型 肤质 肤况 肌肤 肤质类型 昵称 "
        "属地 ip ip属地 ip地址 位置 loc location from in 来自 来自于 皮肤是 肤质是 属于 省份 "
        "类型 年龄 名字 叫我 type skin city 坐標"
    ),
    "word": (
        "上班 上学 读书 念书 求学 奋斗 打拼 打工 务工 创业 陪读 养老 养娃 带娃 买房 安家 "
        "的是 是个 是一枚 是一只 是一个 是 才 就 会 也 又 也是 且 且是 and 与 和 加 以及 "
        "一枚 一只 一个 一名 个 只 一位 这个 那个 已经 了 呀 啊 哦 呢 哈 哟 嘻嘻 哈哈 本皮 "
        "变 纯 一枚呀 来的 长期 常年 人士 体质 晚期 本油 本干 本敏 本混 星 十级"
    ),
    "person": (
        "女孩子 女孩 女孩儿 女生 女士 女人 女 妹子 妹子儿 妹妹 妹儿 妹纸 妹陀 妹坨 妹 姐姐 "
        "姐妹 姐 小姐姐 小姐妹 姑娘 姑凉 妞 妞儿 妞妞 小妞 大妞 小仙女 仙女 人 本地人 星人 "
        "星球人 宝宝 宝 宝妈 二宝妈 三宝妈 孕妈 孕妇 辣妈 宝爸 娃 娃儿 患者 选手 代表 代表队 "
        "党 用户 族 er 儿 伢 伢儿 伢子 崽 崽崽 崽儿 仔 土著 本地 人士 大叔 大哥 小哥 小哥哥 "
        "阿姨 学生 学生党 大学生 研究生 打工人 打工仔 上班族 搬砖 迷 控 爱好者 老阿姨 嬢嬢 "
        "美女 靓女 靓仔 小伙 小伙子 男孩 男生 男 宅女 囡囡 囡 媳妇 媳妇儿 少女 少年 女子 "
        "女汉子 大汉 汉子 小妹 老乡 女青年 青年 girl girls boy lady gal 幺妹 幺妹儿 老铁 "
        "丫头 小丫头 婆娘 堂客 阿妹 细妹 妹妹仔 老师 护士 同学 新人 群众 一员 常住人口 老姐 "
        "姐们 群友 老粉 新粉 美眉 妈咪 麻麻 大姐 大姐姐 小可爱 95后 00后 90后 85后 80后 人呀 "
        "漂 漂族 北鼻 猫奴 铲屎官 女王大人 留学生 少妇 主妇 家庭主妇 社畜 牛马 老阿姐 婶 "
        "婶婶 奶奶粉 嫂 嫂子 人民 市民 居民 资深用户 大户 重症 重度患者"
    ),
    "of": "的 の 滴 哒",
    "either": "or 还是 或 或者 vs 和还是",
    "elsewhere": (
        "东京 首尔 大阪 京都 北海道 横滨 名古屋 福冈 纽约 洛杉矶 旧金山 西雅图 波士顿 芝加哥 "
        "伦敦 巴黎 柏林 罗马 米兰 悉尼 墨尔本 新加坡 曼谷 清迈 吉隆坡 迪拜 多伦多 温哥华 "
        "奥克兰 莫斯科 釜山 济州岛 济州 日本 韩国 美国 英国 法国 德国 意大利 加拿大 澳大利亚 "
        "澳洲 新西兰 泰国 马来西亚 越南 印度 俄罗斯 西班牙 荷兰 瑞士 巴厘岛 柬埔寨 菲律宾 "
        "海外 国外 南非 埃及 欧洲 北美 南美 加州 芬兰 瑞典 挪威 丹麦 爱尔兰 葡萄牙 希腊 "
        "土耳其 墨西哥 巴西 阿根廷 尼泊尔 冰岛 老挝 缅甸 印尼 爱丁堡 曼彻斯特 华盛顿 "
        "圣地亚哥 多哈 神户 奈良 冲绳 仁川 大邱 芭提雅 普吉岛 仙台 千叶 tokyo seoul osaka "
        "london paris newyork sydney melbourne singapore bangkok"
    ),
    # areas that are no region
    "wide": (
        "油城 古都 水乡 大美 美丽 古老 东北 华北 华东 华南 华中 西北 西南 江南 岭南 南方 "
        "北方 珠三角 长三角 大湾区 江浙沪 江浙 川渝 云贵川 云贵 京津冀 京津 京沪 北上广深 "
        "北上广 广深 沪杭 苏锡常 两广 两湖 湖广 港澳 港澳台 闽南 粤东 粤西 粤北 苏南 苏北 "
        "皖南 皖北 赣南 陕北 陕南 关中 豫东 豫南 鲁西 鲁南 胶东 潮汕 川西 川北 川南 滇西 "
        "滇南 浙南 浙北 冀中 晋北 晋南 湘南 湘北 鄂西 鄂东 桂北 中原 塞北 西域 沿海 内陆 "
        "全国 中国 海南岛上 京沪线 沪宁 宁杭 成渝 海淀黄庄 大西北 大东北 大西南 包邮区 "
        "江浙沪皖 粤港澳 粤港 沪苏 京沪高铁"
    ),
    "thing": (
        "蛮腰 棒棒 胶 米 羊 馄饨 院 厨 奶 鱼干 天鹅 百花 图鉴 烤鸭 火锅 拉面 豆腐 白药 鸡饭 "
        "大枣 大米 大学 火腿 菜 饭 面 粉 汤 酒 茶 糕 饼 果 瓜 鸭 鸡 肉 鱼丸 虾 蟹 串 酱 醋 "
        "糖 奶茶 牛奶 酸奶 啤酒 咖啡 学院 中学 小学 学校 银行 医院 药 膏 公司 集团 店 馆 "
        "超市 商场 代购 旅游 旅行 旅拍 地铁 车站 火车站 机场 高铁 动车 航空 大厦 大桥 路 街 "
        "公园 广场 森林 时间 故事 往事 欢迎 救星 福音 之光 必备 亲妈 亲爹 克星 神器 推荐 "
        "专用 专属 必入 好物 套装 精华 日记 指南 宝典 天堂 杀手 爱情 之恋 之夜 之春 天气 "
        "烟花 小吃 小面 小笼 小笼包 美食 探店 折扣 同城 租房 房产 招聘 二手 快递 电台 晚报 "
        "日报 卫视 队 足球 国安 申花 恒大 鲁能 品牌 香水 面膜 护肤 化妆 彩妆 美甲 美容 美妆 "
        "水光 修复 管理 家化 牌 石 寺 塔 宫 滩 湾 湖 山 江 河 海 岛 城墙 古城 古镇 明珠 外滩 "
        "制造 出品 特产 团购 批发 直播 直播间 客服 官方 旗舰 专卖 一日游 自由行 攻略 地图 "
        "戏曲 京剧院 方言 话"
    ),
}
"""By kind, parted by spaces. A word of several kinds is the first of them."""
SURE_ALIASES: dict[str, str] = {
    "北漂": "北京", "京漂": "北京", "沪漂": "上海", "魔漂": "上海",
    "深漂": "广东/深圳", "广漂": "广东/广州", "杭漂": "浙江/杭州",
    "蓉漂": "四川/成都",
    "渝漂": "重庆", "厦漂": "福建/厦门", "苏漂": "江苏/苏州", "津漂": "天津",
}  # fmt: skip
"""Who drifted there lives there now."""
INITIALS: dict[str, str] = {"bj": "北京", "sh": "上海", "hk": "香港"}
"""Others stand for several places: gz, sz, hz, cd."""
SURE_LETTERS = frozenset("粤沪京川渝鄂湘浙闽赣皖豫鲁琼桂津滇黔冀陕")
MORE_LETTERS: dict[str, str] = {"滇": "云南"}
PRESENT_BEHIND_PLACE = frozenset(
    {
        "上学",
        "上班",
        "买房",
        "养娃",
        "养老",
        "创业",
        "务工",
        "奋斗",
        "安家",
        "定居",
        "居住",
        "工作",
        "带娃",
        "常住",
        "常驻",
        "念书",
        "打工",
        "打拼",
        "求学",
        "生活",
        "落户",
        "读书",
        "陪读",
    }
)
"""She lives where she does that: 广州打工的湖南妹子."""
PAST_BEHIND_PLACE = frozenset(
    {
        "再见",
        "出差",
        "出生",
        "原籍",
        "回忆",
        "家乡",
        "打卡",
        "故乡",
        "旅游",
        "毕业",
        "老家",
        "路过",
        "途经",
    }
)
PAST_BEFORE_SKIN = frozenset(
    {
        "之前",
        "之前是",
        "从前",
        "以前",
        "以前是",
        "前",
        "原",
        "原来",
        "原来是",
        "小时候",
        "年轻时",
        "曾",
        "曾是",
        "曾经",
        "曾经是",
        "曾经的",
        "最爱",
        "期待",
        "梦想",
        "梦想是",
        "爱",
    }
)
COMPOUNDS = (
    "若干 饼干 加油 奶油 酱油 石油 柴油 汽油 黄油 猪油 牛油 油条 油画 油管 油纸 油漆 油菜 "
    "油腻 油焖 油炸 油泼 干妈 干饭 干杯 干净 干干净净 干部 干货 干锅 干嘛 能干 苦干 实干 "
    "肝干 萝卜干 豆腐干 牛肉干 葡萄干 果干 鱼干 干眼 干洗 干花 蜜雪冰城 京东 京剧 川贝 川菜 "
    "川剧 粤菜 粤语 湘菜 豫剧 沪剧 桂花 桂圆 津津 琼瑶 京城四少 闽剧 哈密瓜 上海滩 大同世界 "
    "玉树临风 长治久安 老干妈 敏捷 过敏中 三明治 大理石 大理寺 太平洋 和平鸽 南京路 北京路 "
    "上海路 中山路 中山装 日照充足 东方明珠 东方红 安康鱼 西湖龙井 西湖醋鱼 普洱茶 "
    "安溪铁观音 黄山毛峰 信阳毛尖 沙县小吃 兰州拉面 桂林米粉 柳州螺蛳粉 东坡肉 香港脚 仙桃子 "
    "白沙烟 白银时代 平安果 平安喜乐 平安是福 吉安娜 海口味 新乡土 新余额 头皮 唇皮 眼皮 "
    "敏感体质 干性发质 油性发质 干发 油发"
)


@cache
def kinds() -> dict[str, Kind]:
    """The words that stand for something by themselves."""
    found: dict[str, Kind] = {}
    for kind, words in VOCABULARY.items():
        if kind == "thing":
            continue
        for word in words.split():
            found.setdefault(word, kind)
    return found


@cache
def compounds() -> frozenset[str]:
    return frozenset(COMPOUNDS.split())


@cache
def longest_word() -> int:
    return max(map(len, (*kinds(), *compounds())))


@cache
def _things() -> tuple[str, ...]:
    return tuple(VOCABULARY["thing"].split())


def holds_a_thing(text: str) -> bool:
    """Food, goods, landmarks, schools, puns: a place or skin word in front of these is part of their name."""
    return any(thing in text for thing in _things())


def names_a_thing(text: str) -> bool:
    """The same, and the words that only look like places or states: 京剧, 加油."""
    return text in compounds() or holds_a_thing(text)


def is_like_a_nickname(text: str) -> bool:
    """小鱼, 阿圆, 东东, 小团团: how people are called, and things are not."""
    if not 2 <= len(text) <= 4 or names_a_thing(text) or set(text) & set("干油敏"):
        return False
    return text[0] in "小阿" or text[0] == text[1] or text[-1] == text[-2]
