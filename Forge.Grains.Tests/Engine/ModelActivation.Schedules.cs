using Forge.Grains.Sessions;
using Forge.History.Rows;

namespace Forge.Grains.Tests.Engine;

/// <summary>Steps of the schedule, by one or by two who have the work at once.</summary>
internal sealed partial class ModelActivation
{
    private static readonly TimeSpan[] Spans = [.. new[] { 500, 1500, 8000 }.Select(ticks => TimeSpan.FromTicks(ticks))];

    private OpenState? _toTell;

    /// <summary>Some steps behind one another, for what is due is answered soon where so much is created.</summary>
    public void Remind()
    {
        for (var steps = _random.Next(1, 6); steps > 0; steps--)
        {
            TakeStep();
            _world.Tick();
        }
    }

    private void TakeStep()
    {
        if (_pending.Exists(p => p.IsExclusive))
        {
            return;
        }

        var (now, by, told) = (_world.Now, _random.Next(3), _random.Next(4) == 0 ? null : _toTell);
        var due = _projected is { Exists: true, DeletedAt: null, Schedule: not null } ? _projected.DueAt(now) : null;
        var isTold = due is not null && told is not null && (told.Trigger, told.Since, told.After) == (due.Trigger, due.Since, due.After)
            && due.Told == 0 && (due.AnswerBy is null || by > 0);
        var isMissed = !isTold && due?.AnswerBy <= now;
        var within = _projected.Schedule?.Within;
        OpenState? toTell = null;
        DateTimeOffset? again = null;
        var accepted = Ask(
            IfDeleted() ?? new Expected(isTold || isMissed ? Verdict.Accepted : Verdict.NotTaken, isTold || isMissed ? null : Newest),
            () => _engine.Remind(now, told, by, out toTell, out again),
            change => new Accepted(change, state =>
            {
                if (isTold)
                {
                    state.Tell(due!, told!.AnswerBy!.Value, by);
                }
                else
                {
                    state.Miss(due!, now);
                }
            })
            {
                IsStructural = true,
            });
        Saw(accepted, isTold ? due!.AnswerBy is null ? by > 0 ? "due state told" : "due state told to nobody" : "due state told to one who came late"
            : due?.Told > 0 ? "due state missed" : "due state missed that nobody was told of");
        if (accepted || _projected.DeletedAt is not null)
        {
            return;
        }

        Assert.Equal(due is not null && due.AnswerBy is null, toTell is not null);
        if (toTell is not null)
        {
            Assert.Equal((due!.Trigger, due.Since, due.After, ModelState.Micro(now + within)), (toTell.Trigger, toTell.Since, toTell.After, toTell.AnswerBy));
            _toTell = toTell;
            _world.Saw($"due {due.Trigger}");
        }
        else if (due is not null)
        {
            Assert.Equal(due.AnswerBy, again);
        }
        else
        {
            Assert.True(again is null || again > now);
        }
    }

    /// <summary>A schedule and how settings say it; null for none.</summary>
    private ModelSchedule? AnySchedule(out string text)
    {
        text = "";
        if (_random.Next(4) == 0)
        {
            return null;
        }

        var (every, onError, onToolCall) = (_random.Next(3) == 0 ? (TimeSpan?)null : Spans[_random.Next(3)], _random.Next(2) == 0, _random.Next(2) == 0);
        var within = Spans[_random.Next(2)];
        text = $$""","schedule":{"every":{{(every is null ? "null" : $"\"{every}\"")}},"onError":{{Of(onError)}},"onToolCall":{{Of(onToolCall)}},"answerWithin":"{{within}}"}""";
        return new ModelSchedule(every, onError, onToolCall, within);

        static string Of(bool flag) => flag ? "true" : "false";
    }
}
