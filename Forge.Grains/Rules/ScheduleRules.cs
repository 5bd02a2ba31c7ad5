using System.Text.Json;
using Forge.Errors;
using Forge.Schedules;

namespace Forge.Grains.Rules;

/// <summary>What the schedule of a session may be.</summary>
internal static class ScheduleRules
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Checks a schedule.</summary>
    /// <exception cref="InvalidRequestException">It says nothing, or a time is out of its bounds.</exception>
    public static void Require(CheckpointSchedule? schedule)
    {
        if (schedule is null)
        {
            return;
        }

        if (schedule is { Every: null, OnError: false, OnToolCall: false })
        {
            throw new InvalidRequestException("schedule", "must say when a state is due: every, onToolCall or onError");
        }

        if (schedule.Every < Shortest || schedule.Every > Longest)
        {
            throw new InvalidRequestException("schedule.every", "must be from one second to 366 days");
        }

        if (schedule.AnswerWithin < Shortest || schedule.AnswerWithin > (schedule.Every ?? Longest))
        {
            throw new InvalidRequestException("schedule.answerWithin", "must be from one second to 366 days, and no more than every");
        }
    }

    /// <summary>How long those who are told have.</summary>
    public static TimeSpan AnswerWithin(CheckpointSchedule schedule) => schedule.AnswerWithin
        ?? (schedule.Every < CheckpointSchedule.DefaultAnswerWithin ? schedule.Every.Value : CheckpointSchedule.DefaultAnswerWithin);

    /// <summary>The schedule of settings as they are stored; null for none, and for settings that cannot be read.</summary>
    public static CheckpointSchedule? Of(string? settings)
    {
        try
        {
            return SessionSettingsJson.Read(settings).Schedule;
        }
        catch (JsonException)
        {
            // What is wrong with settings must not keep an effect from being settled.
            return null;
        }
    }
}
