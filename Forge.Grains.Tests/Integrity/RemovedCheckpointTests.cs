using Forge.Grains.Tests.History;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.Identity;

namespace Forge.Grains.Tests.Integrity;

public sealed class RemovedCheckpointTests
{
    private static readonly RemovedCheckpoint Row = RemovedCheckpoint.Of(HistoryRows.FullCheckpoint(7))!;

    [Fact]
    public void Read_EventThatWasMade_IsWhatItWasMadeOf()
    {
        var read = RemovedCheckpoint.Read(Row.ToEvent());

        Assert.Equal(Row, read);
        Assert.Null(RemovedCheckpoint.Of(HistoryRows.Checkpoint(1) with { Position = 0 }));
        Assert.Equal(new RemovedLink(Row.Position, 7, Row.Size, Row.Chain), RemovedLink.Of(Row.ToEvent()));
    }

    [Fact]
    public void Read_AnyValueChanged_IsNone()
    {
        var made = Row.ToEvent();
        SessionEvent[] changed =
        [
            made with { Position = made.Position + 1 },
            made with { Kind = SessionEventKind.Restored },
            made with { At = made.At.AddMicroseconds(1) },
            made with { Sequence = made.Sequence + 1 },
            made with { LastSequence = made.LastSequence + 1 },
            made with { Chain = null },
            made with { Chain = [1] },
            made with { Detail = null },
            made with { Detail = made.Detail + " " },
            With($"\"size\":{Row.Size}", $"\"size\":{Row.Size + 1}"),
            With($"\"parent\":{Row.Parent}", $"\"parent\":{Row.Parent + 1}"),
            With($"\"trigger\":{(short)Row.Trigger}", $"\"trigger\":{(short)Row.Trigger + 1}"),
            With(Row.Id.ToString(), CheckpointId.Create(Row.At).ToString()),
        ];

        Assert.All(changed, e => Assert.Null(RemovedCheckpoint.Read(e)));

        SessionEvent With(string was, string other)
        {
            Assert.Contains(was, made.Detail!, StringComparison.Ordinal);
            return made with { Detail = made.Detail!.Replace(was, other, StringComparison.Ordinal) };
        }
    }
}
