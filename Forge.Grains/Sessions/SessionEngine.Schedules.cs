using Forge.Checkpoints;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Schedules;

namespace Forge.Grains.Sessions;

/// <summary>What is due by the schedule of the session.</summary>
internal sealed partial class SessionEngine
{
    private (string? Settings, CheckpointSchedule? Schedule) _scheduleOf;

    /// <summary>
    /// Takes the next step of the schedule: says which state is to be told of, takes note of who was told, records one that was missed, or
    /// says when there is something to do. Each is decided in the turn in which its commit takes its place, so that of one due state one
    /// miss at the most is recorded, whoever asks, and none behind a checkpoint.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="told">What observers were told of just now; null for nothing.</param>
    /// <param name="by">How many took it.</param>
    /// <param name="toTell">What they are to be told of first, before anything is decided; null for nothing.</param>
    /// <param name="again">When to ask again; null for never.</param>
    public Decision Remind(DateTimeOffset now, OpenState? told, int by, out OpenState? toTell, out DateTimeOffset? again)
    {
        (toTell, again) = (null, null);
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (_projected is not { } before || ScheduleOf(before.Head.Settings) is not { } schedule)
        {
            return new Decision(Verdict.NotTaken, NewestPending);
        }

        if (OpenIn(before.Head, schedule, now) is not { } open)
        {
            again = NextOf(before.Head, schedule);
            return new Decision(Verdict.NotTaken, NewestPending);
        }

        if (open.IsSame(told) && open.Told == 0 && (open.AnswerBy is null || by > 0))
        {
            again = told!.AnswerBy;
            return Move(before, open with { AnswerBy = again, Told = by });
        }

        if (open.AnswerBy is { } last && last <= now)
        {
            again = now + schedule.Every;
            return Miss(before, open, now);
        }

        // Nobody was asked yet, or those who were have time.
        toTell = open.AnswerBy is null ? open with { AnswerBy = (now + ScheduleRules.AnswerWithin(schedule)).ToMicroseconds() } : null;
        again = open.AnswerBy;
        return new Decision(Verdict.NotTaken, NewestPending);
    }

    /// <summary>
    /// The state that is due and that observers were told of, as far as it is committed, with the time that whoever is told of it now has;
    /// null for none.
    /// </summary>
    public OpenState? ToldState(DateTimeOffset now) =>
        _committed?.Head is { DeletedAt: null } head && ScheduleOf(head.Settings) is { } schedule
            && OpenIn(head, schedule, now) is { AnswerBy: { } last } open && last > now
            ? open.Told > 0 ? open : open with { AnswerBy = (now + ScheduleRules.AnswerWithin(schedule)).ToMicroseconds() }
            : null;

    private Decision Move(HeadRead before, OpenState open)
    {
        var text = (DueState.Read(before.Head.DueState) with { Open = open }).ToJson();
        return Accept(new PendingChange
        {
            After = before with { Head = before.Head with { DueState = text } },
            Changes = [new DueStateMoved()],
            HeadWeight = SessionChange.WeightOf(text),
        });
    }

    private Decision Miss(HeadRead before, OpenState open, DateTimeOffset now)
    {
        var text = new DueState(now.ToMicroseconds(), Open: null).ToJson();
        var (after, happened) = Link(
            SessionEventKind.CheckpointMissed,
            0,
            NextPosition(before with { Head = before.Head with { DueState = text } }),
            now,
            new EventDetail { Trigger = (short)open.Trigger, Since = MicrosecondsOf(open.Since), Told = open.Told });
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new DueStateMoved(), new Logged(happened)],
            HeadWeight = SessionChange.WeightOf(text),
        });
    }

    /// <summary>The session once a run of an effect was settled: with a state that is due for it, if its schedule says so and none is.</summary>
    /// <param name="before">The session without it.</param>
    /// <param name="trigger">What the run came to.</param>
    /// <param name="now">The time.</param>
    /// <param name="workTime">The time by the clock of due work.</param>
    /// <param name="work">The work to note with it; null for none.</param>
    private HeadRead OpenFor(HeadRead before, CheckpointTrigger trigger, DateTimeOffset now, DateTimeOffset workTime, out Due? work)
    {
        work = null;
        var (head, state) = (before.Head, DueState.Read(before.Head.DueState));
        if (ScheduleOf(head.Settings) is not { } schedule
            || !(trigger == CheckpointTrigger.ToolCall ? schedule.OnToolCall : schedule.OnError)
            || IsOpen(head, state.Open))
        {
            return before;
        }

        work = new Due(DueWorkKind.Remind, workTime.ToMicroseconds());
        var open = new OpenState(trigger, now.ToMicroseconds(), head.LastSequence);
        return before with { Head = head with { DueState = (state with { Open = open }).ToJson() } };
    }

    /// <summary>
    /// The session with the settings that it has now: a schedule that it had not before begins, and nothing is due by one that it has no
    /// more.
    /// </summary>
    /// <param name="after">The session with them.</param>
    /// <param name="settingsBefore">Those that it had.</param>
    /// <param name="from">What it counts from if no checkpoint is newer; null for nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    /// <param name="work">The work to note with it; null for none.</param>
    private HeadRead BeginSchedule(
        HeadRead after, string? settingsBefore, DateTimeOffset? from, DateTimeOffset now, DateTimeOffset? workTime, out Due? work)
    {
        work = null;
        var (before, schedule, clock) = (ScheduleOf(settingsBefore), ScheduleOf(after.Head.Settings), workTime ?? now);
        if (schedule == before)
        {
            return after;
        }

        var head = after.Head with { DueState = schedule is null || from is null ? null : new DueState(from.Value.ToMicroseconds(), null).ToJson() };
        if (schedule is null)
        {
            // The work that there is finds nothing to do any more, and goes.
            work = new Due(DueWorkKind.Remind, clock.ToMicroseconds());
        }
        else if (NextOf(head, schedule) is { } next)
        {
            var wait = next - now < EffectiveRetention.LongestWait ? next - now : EffectiveRetention.LongestWait;
            work = new Due(DueWorkKind.Remind, (wait > TimeSpan.Zero ? clock + wait : clock).ToMicroseconds());
        }

        return after with { Head = head };
    }

    /// <summary>The state that is due at a time; null for none.</summary>
    private static OpenState? OpenIn(SessionHead head, CheckpointSchedule schedule, DateTimeOffset now) =>
        DueState.Read(head.DueState).Open is { } open && IsOpen(head, open) ? open
        : NextOf(head, schedule) is { } next && next <= now ? new OpenState(CheckpointTrigger.Scheduled, next, head.LastSequence)
        : null;

    /// <summary>True if no checkpoint came since.</summary>
    private static bool IsOpen(SessionHead head, OpenState? open) => open is not null && head.LastSequence <= open.After;

    /// <summary>When one is due by the time that passed if none comes before; null for never.</summary>
    private static DateTimeOffset? NextOf(SessionHead head, CheckpointSchedule schedule)
    {
        var (last, from) = (head.LastCreatedAt, DueState.Read(head.DueState).From);
        var since = from is null || last > from ? last : from;
        return ((since ?? head.CreatedAt) + schedule.Every)?.ToMicroseconds();
    }

    /// <summary>The schedule under some settings, which are read once.</summary>
    private CheckpointSchedule? ScheduleOf(string? settings)
    {
        if (!ReferenceEquals(settings, _scheduleOf.Settings))
        {
            _scheduleOf = (settings, ScheduleRules.Of(settings));
        }

        return _scheduleOf.Schedule;
    }
}
