using Forge.Events;
using Forge.History.Changes;
using Forge.History.Log;

namespace Forge.Grains.Tests.Streams;

public sealed class LogEventTests
{
    private const string Id = "0198c0de-0000-7000-8000-000000000001";

    /// <summary>It must not take those before and behind it along.</summary>
    [Theory]
    [InlineData((int)SessionEventKind.Forked, "{\"origin\":{\"session\":\"a b/c\",\"sequence\":1,\"id\":\"" + Id + "\"}}")]
    [InlineData((int)SessionEventKind.Forked, "{\"origin\":{\"session\":\"\",\"sequence\":1,\"id\":\"" + Id + "\"}}")]
    [InlineData((int)SessionEventKind.Forked, "{\"origin\":{\"session\":\"a\",\"sequence\":1,\"id\":\"no\"}}")]
    [InlineData((int)SessionEventKind.Forked, "{\"origin\":{}}")]
    [InlineData((int)SessionEventKind.Claimed, "{\"epoch\":1,\"until\":9223372036854775807}")]
    [InlineData((int)SessionEventKind.Claimed, "{\"epoch\":1,\"until\":253402300800000000}")]
    [InlineData((int)SessionEventKind.Claimed, "{\"epoch\":1,\"until\":-1}")]
    [InlineData((int)SessionEventKind.Annotated, "{\"severity\":99}")]
    [InlineData((int)SessionEventKind.Restored, "{")]
    [InlineData(99, "{}")]
    public void Of_DetailThatIsDamaged_IsUnknown(int kind, string detail)
    {
        var told = Told((SessionEventKind)kind, detail);

        Assert.Equal(new LogEvent { Position = 7, Kind = LogEventKind.Unknown, At = DateTimeOffset.UnixEpoch, Sequence = 3 }, told);
    }

    [Fact]
    public void Of_DetailThatIsWhole_IsToldToTheMicrosecond()
    {
        Assert.Equal(
            DateTimeOffset.MaxValue.AddTicks(-9), Told(SessionEventKind.Claimed, "{\"epoch\":1,\"until\":253402300799999999}").Until);
        Assert.Equal(
            DateTimeOffset.UnixEpoch.AddTicks(17_670_000_000_000_010),
            Told(SessionEventKind.Claimed, "{\"epoch\":1,\"until\":1767000000000001}").Until);
        Assert.Equal(
            "a", Told(SessionEventKind.Forked, "{\"origin\":{\"session\":\"a\",\"sequence\":1,\"id\":\"" + Id + "\"}}").Origin!.Session.Value);
    }

    private static LogEvent Told(SessionEventKind kind, string detail) => Assert.IsType<LogEvent>(
        LogEvents.Of(LogMerge.Entry(new SessionEvent(7, kind, DateTimeOffset.UnixEpoch, 3, 3, detail))));
}
