using Forge.Checkpoints;
using Forge.Effects;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.Engine;

/// <summary>A schedule as it ought to hold.</summary>
internal sealed record ModelSchedule(TimeSpan? Every, bool OnError, bool OnToolCall, TimeSpan Within);

/// <summary>A state that is due until a sequence is given out that is greater.</summary>
internal sealed record ModelDue(CheckpointTrigger Trigger, DateTimeOffset Since, long After, DateTimeOffset? AnswerBy, int Told);

internal sealed partial class ModelState
{
    public ModelSchedule? Schedule { get; private set; }

    public DateTimeOffset? ScheduleFrom { get; private set; }

    /// <summary>What came due last, answered or not.</summary>
    public ModelDue? Due { get; private set; }

    /// <summary>Settings with a schedule, or without.</summary>
    public void SetSchedule(ModelSchedule? schedule, DateTimeOffset now)
    {
        if (schedule == Schedule)
        {
            return;
        }

        (Schedule, ScheduleFrom, Due) = (schedule, schedule is null || LastCreatedAt is not null ? null : now.ToMicroseconds(), null);
        if (schedule is null || schedule.Every is not null)
        {
            NewWork.Add(DueWorkKind.Remind);
        }
    }

    public void OpenFor(EffectVerdict verdict, DateTimeOffset now)
    {
        var trigger = verdict == EffectVerdict.Completed ? CheckpointTrigger.ToolCall : CheckpointTrigger.Error;
        if ((verdict == EffectVerdict.Completed ? Schedule?.OnToolCall : Schedule?.OnError) is true && (Due is null || LastSequence > Due.After))
        {
            Due = new ModelDue(trigger, now.ToMicroseconds(), LastSequence, null, 0);
            NewWork.Add(DueWorkKind.Remind);
        }
    }

    /// <summary>What is due at a time; null for nothing.</summary>
    public ModelDue? DueAt(DateTimeOffset now)
    {
        if (Due is { } due && due.After >= LastSequence)
        {
            return due;
        }

        var from = new[] { LastCreatedAt, ScheduleFrom }.Max() ?? CreatedAt;
        return Micro(from + Schedule!.Every) is { } next && next <= now
            ? new ModelDue(CheckpointTrigger.Scheduled, next, LastSequence, null, 0)
            : null;
    }

    public void Tell(ModelDue due, DateTimeOffset answerBy, int by) => Due = due with { AnswerBy = answerBy, Told = by };

    public void Miss(ModelDue due, DateTimeOffset now)
    {
        (Due, ScheduleFrom) = (null, now.ToMicroseconds());
        Log(SessionEventKind.CheckpointMissed, 0, now, detail => (detail.Trigger, detail.Told) == ((short)due.Trigger, due.Told)
            && detail.Since == (due.Since - DateTimeOffset.UnixEpoch).Ticks / 10);
    }

    /// <summary>True if a head row says the same.</summary>
    public bool HasDueState(string? text)
    {
        var state = DueState.Read(text);
        return (state.From, state.Open) == (ScheduleFrom, Due is null ? null : new OpenState(Due.Trigger, Due.Since, Due.After, Due.AnswerBy, Due.Told));
    }

    /// <summary>What an import brings to a session that was there answers what is due, whenever it was created.</summary>
    private void AnswerByImport(bool isNew, DateTimeOffset now) =>
        (ScheduleFrom, Due) = isNew || Schedule is null ? (ScheduleFrom, Due) : (now.ToMicroseconds(), null);

    private void CopySchedule(ModelState other) => (Schedule, ScheduleFrom, Due) = (other.Schedule, other.ScheduleFrom, other.Due);

    private void EndSchedule() => (Schedule, ScheduleFrom, Due) = (null, null, null);
}
