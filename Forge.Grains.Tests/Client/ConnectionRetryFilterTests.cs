using Forge.Client;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Messaging;

namespace Forge.Grains.Tests.Client;

public class ConnectionRetryFilterTests
{
    private readonly DrivenTime _time = new();

    [Fact]
    public async Task ShouldRetryConnectionAttempt_NoSiloYet_TriesForTheConnectTimeoutAndNoLonger()
    {
        var filter = Filter(TimeSpan.FromSeconds(1));

        var answers = new List<bool>();
        do
        {
            answers.Add(await _time.DriveAsync(filter.ShouldRetryConnectionAttempt(
                new ConnectionFailedException("refused"), TestContext.Current.CancellationToken)));
        }
        while (answers[^1]);

        Assert.Equal([true, true, true, true, false], answers);
    }

    [Fact]
    public async Task ShouldRetryConnectionAttempt_ErrorThatWouldComeAgain_IsNotTriedAgain()
    {
        var filter = Filter(TimeSpan.FromSeconds(1));

        Assert.False(await filter.ShouldRetryConnectionAttempt(
            new InvalidOperationException(), TestContext.Current.CancellationToken));
    }

    private ConnectionRetryFilter Filter(TimeSpan timeout) =>
        new(Options.Create(new ForgeClientOptions { ConnectTimeout = timeout }), _time);
}
