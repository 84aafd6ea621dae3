"""A programme with badges, zones, held points and rules of every kind, for the tests of what is told of them."""

from typing import Any

from activity.intake import Report

PROGRAMME = """
programme: recognition
starts: 2026-01-01
time_zone: Europe/London
participation: opt-out
attributes: {hourly: bool}
dormant: P30D
working_time: {days: [monday, tuesday, wednesday, thursday, friday], from: "08:00", to: "18:00", for: member.hourly}
activities:
  post.shared:
    title: Shared a post
    zone: sharer
    fields: {network: string, reach: {type: int, default: 0}}
  article.published:
    title: Published an article
    zone: creator
    fields: {edited: {type: bool, default: true}}
rules:
  share:
    title: Share a post
    on: [post.shared]
    when: activity.network == "linkedin"
    points: {steps: [50, 20, 10], per: month}
    any_time: true
  reach:
    title: Be read
    on: [post.shared]
    audience: member.location == "Paris"
    points: activity.reach / 100
    cooldown: PT4H
    budget: {points: 1000, per: month}
  article:
    title: Publish an article
    on: [article.published]
    points: 30
    credit: split
    hold: P14D
    bonuses: [{multiplier: 1.5, from: 2026-11-16, to: 2026-11-22, title: Launch week}]
badges:
  newcomer:
    title: Newcomer
    text: Your first post.
    on: [post.shared]
    measure: count
    points: 5
  prolific:
    title: Prolific sharer
    on: [post.shared]
    when: activity.network == "linkedin"
    measure: count
    window: half-year
    levels: [{at: 2, title: Bronze, points: 10}, {at: 4, title: Silver, points: 20}]
    requires: [newcomer]
  regular:
    title: Regular
    on: [post.shared, article.published]
    measure: {streak: week, forgiving: 1}
    levels: [2, 4]
  networker:
    title: Networker
    on: [post.shared]
    measure: {distinct: activity.network}
    window: P30D
    levels: [3]
  star:
    title: Star
    on: [post.shared]
    measure: {sum: activity.reach}
    every: 1000
  parisian:
    title: Parisian
    on: [post.shared]
    measure: count
    audience: member.location == "Paris"
  pioneer:
    title: Pioneer
    on: [article.published]
    measure: count
    first: 1
  veteran:
    title: Veteran
    requires: [prolific, secret]
  guest:
    title: Guest of honour
    points: 100
    expires: P365D
  secret:
    title: Secret
    on: [article.published]
    measure: count
    hidden: true
    colour: "#1f77b4"
zones:
  consumer: {title: Consumer, text: Read what others write.}
  sharer:
    title: Sharer
    text: Now write something of your own.
    needs:
      - {title: Share three posts in a month, on: [post.shared], measure: count, window: month, at_least: 3}
  creator:
    title: Creator
    needs:
      - {title: Publish an article, on: [article.published], measure: count, at_least: 1}
boards:
  all: {title: All, period: ever}
"""


def shared(number: int | str, member: str = "ada", *, at: str = "2026-11-12T09:30:00Z", **data: Any) -> Report:
    """Somebody shared a post."""
    return Report("test", str(number), "post.shared", member, at, {"network": "linkedin"} | data)


def published(number: int | str, *members: str, at: str = "2026-11-12T09:30:00Z", **data: Any) -> Report:
    """Somebody published an article, alone or with others."""
    member, *others = members or ("ada",)
    return Report("test", str(number), "article.published", member, at, data, others)
