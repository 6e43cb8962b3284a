"""How prices, exclusions and comparisons are said, in English and Chinese. No torch here."""

from __future__ import annotations

import re

LONGEST = 600
"""Characters of a sentence that are read; these patterns take their time with much longer ones. Between its words stands
one blank."""
MEETS_AT_MOST = LONGEST


def _one(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _all(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(_one, patterns))


MONEY = r"(?:[$£€¥￥]|usd|eur|gbp|rmb|cny)"
UNIT = r"(?:[$£€¥￥]|dollars?|bucks|pounds?|quid|euros?|usd|eur|gbp|rmb|cny|yuan|元|块钱|块|塊|人民币|美元|英镑|欧元)"
NUMBER = r"((?<!\d)\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|(?<!\d)\d{1,12}(?:[.,]\d{1,2})?)"
ANY_UNIT = _one(UNIT)
AMOUNT = rf"{MONEY}?\s?{NUMBER}\s?{UNIT}?"
# A number with one of these behind it is no price.
OTHER_UNIT = (
    r"(?!\s?-?\s?(?:\d|%|years?\b|yrs?\b|months?\b|weeks?\b|days?\b|hours?\b|hrs?\b|minutes?\b|mins?\b|cm\b|mm\b|m\b|km\b|"
    r"kg\b|g\b|lbs?\b|oz\b|ml\b|inch(?:es)?\b|in\b(?!\sstock)|feet\b|ft\b|people\b|persons?\b|pieces?\b|pages?\b|"
    r"items?\b|calories\b|watts?\b|岁|年|个月|天|小时|分钟|厘米|公斤|克|人|件|页|个|度|公里))"
)
BELOW = (
    r"(?:under|below|less than|lower than|cheaper than|beneath|up to|at most|no more than|not more than|not over|"
    r"not above|max(?:imum)?(?:\sof)?|within|for less than|<=?|≤)"
)
ABOVE = r"(?:over|above|more than|at least|not under|not below|no less than|starting at|min(?:imum)?(?:\sof)?|>=?|≥)"
ABOUT = r"(?:around|about|roughly|approximately|approx\.?|circa)"
COST = r"(?:\b(?:(?:that |which )?(?:costs?|costing|priced?(?: at)?)|for)\s)?"
RANGES = _all(
    rf"{COST}\b(?:between|from)\s{AMOUNT}\s?(?:and|to|-|–)\s?{AMOUNT}{OTHER_UNIT}",
    rf"{MONEY}\s?{NUMBER}\s?(?:to|-|–)\s?{MONEY}?\s?{NUMBER}{OTHER_UNIT}",
    rf"\b{NUMBER}\s?(?:to|-|–)\s?{NUMBER}\s?{UNIT}",
    rf"{NUMBER}\s?{UNIT}?\s?(?:到|至|-|–|~)\s?{NUMBER}\s?(?:{UNIT}(?:之间)?|之间)",
)
AT_MOST = _all(
    rf"{COST}(?:\b|(?<=\s)|^)(?<!\bage )(?<!\baged ){BELOW}\s?{AMOUNT}{OTHER_UNIT}",
    rf"{AMOUNT}\s?(?:or less|or under|or below|or cheaper|max(?:imum)?\b|at most|tops\b|and under|and below)",
    rf"(?:价格|价钱|预算)?(?:在)?(?:低于|少于|小于|不超过|不高于|不多于|最多|至多|不到)\s?{AMOUNT}{OTHER_UNIT}(?:的)?",
    rf"(?:价格|价钱|预算)?(?:在)?{AMOUNT}\s?(?:以下|以内|之内|之下)(?:的)?",
    rf"\bbudget(?:\s(?:of|is))?\s?:?\s?{AMOUNT}{OTHER_UNIT}|预算(?:是|为)?\s?{AMOUNT}{OTHER_UNIT}",
)
AT_LEAST = _all(
    rf"{COST}(?:\b|(?<=\s)|^){ABOVE}\s?{AMOUNT}{OTHER_UNIT}",
    rf"{AMOUNT}\s?(?:or more|or over|or above|and up\b|and above|\+(?!\w))",
    rf"(?:价格|价钱)?(?:在)?(?:高于|大于|(?<!不)超过|不低于|不少于|至少|起码)\s?{AMOUNT}{OTHER_UNIT}(?:的)?",
    rf"(?:价格|价钱)?(?:在)?{AMOUNT}\s?(?:以上|起)(?:的)?",
)
NEAR = _all(
    rf"{COST}\b{ABOUT}\s?(?:{MONEY}\s?{NUMBER}|{NUMBER}\s?{UNIT}){OTHER_UNIT}", rf"{NUMBER}\s?{UNIT}\s?左右(?:的)?"
)
AGES = re.compile(r"\b(?:kids?|child(?:ren)?|boys?|girls?|toddlers?|teens?|adults?|people|those|aged?|ages)\s?$", re.I)
YEARS = re.compile(r"\b(?:19|20)\d\d\s?(?:to|and|-|–)\s?(?:19|20)\d\d\b", re.I)
POLITE = re.compile(r"^\s?有没有|^\s?请|[\s,]*\b(?:please|thanks|thank you)\b\W*|吗|呢|谢谢", re.I)
CHEAPER = _one(
    r"\b(?:cheaper|less expensive|more affordable|less pricey|lower priced?)\b|(?:更|再|要|最)?便宜(?:一?点|一?些|的)*|"
    r"\bnot (?:too|so|that|very) (?:expensive|pricey|dear)\b|不(?:要)?太贵(?:的)?"
)
DEARER = _one(r"\b(?:more expensive|pricier|dearer|more upmarket|higher priced?)\b|(?:更贵|贵一?点|贵一?些)(?:的)?")
STOCK = _one(
    r"\b(?:(?:that (?:is|are) )?(?:currently |still )?(?:in stock|available(?: now)?))\b|有货(?:的)?|有现货(?:的)?|现货"
)
BRAND = _one(
    r"\b(?:(?:but )?(?:not|other than|except)\s(?:from\s)?(?:that|this|the same)\s(?:brand|maker|label|author|company)|"
    r"(?:an)?other (?:brand|maker|label|author)s?|different (?:brand|maker|label|author)s?)\b|"
    r"(?:不要|换|别的|其他|其它)(?:这个|那个|个)?(?:牌子|品牌)"
)
END = r"(?=\s?(?:[,.;!?，。；！？]|\b(?:but|under|below|over|for|with|in stock|less than|up to|and (?:not|no|without))\b|$))"
WITHOUT = _all(
    rf"(?:,\s?|\b(?:but|and)\s)?\b(?:without(?: any)?|excluding|except(?: for)?|other than|anything but|nothing with|"
    rf"nothing from|(?:i |we )?(?:do not|don't) (?:want|like|need)|"
    rf"not (?:from|by|for|with|in|the|an?|any)|not|no)\s(?!more\b|less\b|over\b|above\b|under\b|below\b|only\b)"
    rf"(?:any |the |an? )?([\w'’&-]+(?:\s(?!and\b|or\b)[\w'’&-]+){{0,2}}?(?:\s?(?:,|\bor\b|\band\b)\s?(?:no |not )?[\w'’&-]+)?){END}",
    r"(?:不要|不含|没有|不带|别要|除了|非)(?:有)?([^，。；,!！?？的以外]{1,12})(?:的|以外|之外)*",
)
PARTS = _one(r"\s?(?:,|\bor\b|\band\b|和|或)\s?(?:no |not )?")
DANGLING = _one(r"[\s,;，；.。!?！？]*\b(?:but|and|only|that (?:is|are)|for|with)?[\s,;，；.。!?！？]*$")
BLANKS = re.compile(r"\s([,.;])")
FIRST = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CHINESE = "一二三四五六七八九十"
PLACE = _one(
    rf"\b(?:the\s)?({'|'.join(FIRST)}|last|\d{{1,2}}(?:st|nd|rd|th))(?:\s(?:one|item|film|movie|book|product|place))?\b"
    rf"|\b(?:number|no\.|#)\s?(\d{{1,2}})\b|第\s?([{CHINESE}]|\d{{1,2}})\s?(?:个|款|件|部|本|条)?|(最后)一?(?:个|款|件)"
)
ALONE = _one(rf"\s?(?:{PLACE.pattern})\s?(?:$|[,.;，。]|\b(?:but|only|please)\b|但)")
LIKENESS = _one(r"\b(?:like|similar|than|more of|same as)\b|像|类似|比|那样|一样|差不多|相似")
LIKE = _all(
    r"\b(?:(?:some|any)(?:thing|one)\s|(?:some\s|show me\s)?more\s|(?:an?|the)\s\w+\s|ones?\s)?(?:just\s)?"
    r"(?:(?:things?\s)?(?:similar to|alike|in the style of|along the lines of)|(?<!would )(?<!i )(?<!i'd )like)\s(.+?)"
    r"(?=\s?,?\s?\b(?:but|only|except|just)\b\s|\s?[,;]\s|\s?[.!?]?\s?$)",
    r"(?:像|类似于?|和|跟|与)\s?[「“\"《]?(.+?)[」”\"》]?(?:那样|一样|差不多|相似|类似)?(?:的)?(?=\s?[，,]?\s?(?:但是?|不过|只是|就是|$))",
)
LEFT = re.compile(r"^\s?(?:,|;|，|；|but|only|except|just|and|that is|is|但是?|不过|只是|而且|要|的)\s?(?=\W|\w)", re.I)
POINTING = {"that", "this", "it", "that one", "this one", "those", "these", "这个", "那个"}
"""What stands for the first thing shown."""
OPENERS = re.compile(
    r"^\s?(?:please\s)?(?:(?:can|could) you\s)?(?:i(?:'m| am)?\s(?:want|need|would like|looking for|look for)|i'd like|"
    r"show me|find me|give me|recommend(?: me)?|suggest(?: me)?|do you have|have you got|请?(?:给我|帮我)?(?:推荐|找|看看)|"
    r"我想要|我要|我想|有没有|有什么)\s?(?:some(?:thing)?\b|any(?:thing)?\b|一些|一个|一款)?\s?",
    re.I,
)
# Around "like X" or "the second" these say nothing of what is wished.
JOINTS = re.compile(
    r"\b(?:something|anything|things?|items?|products?|ones?|films?|movies?|books?|articles?|videos?|places?|some|others?|show me|"
    r"more|like|similar to|of|but|only|except)\b|像|类似|那样|一样|差不多|相似|和|跟|的|但是?|不过|只是|一点|一些",
    re.IGNORECASE,
)
SPELLED = {
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "a hundred": 100, "one hundred": 100,
    "two hundred": 200, "five hundred": 500, "a thousand": 1000, "one thousand": 1000,
}  # fmt: skip
SPELLED_LIMIT = re.compile(
    rf"\b(under|below|over|above|than|up to|at most|at least|around|between|and|to)\s({'|'.join(sorted(SPELLED, key=len, reverse=True))})\b"
    r"(?=\s?(?:$|[,.;!?]|dollars?|bucks|pounds?|quid|euros?|yuan|and|to|or|for|with|but))",
    re.IGNORECASE,
)
HAN_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
HAN_MONEY = re.compile(
    r"([零一二两三四五六七八九十百千万]+)(?=\s?(?:元|块|以下|以内|以上|左右|到[零一二两三四五六七八九十百千万]+(?:元|块)))"
)
