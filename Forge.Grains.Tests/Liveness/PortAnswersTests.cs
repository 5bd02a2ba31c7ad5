using System.Net;
using System.Net.Sockets;
using Forge.Grains.Hosting;
using Forge.Grains.Liveness;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Liveness;

public sealed class PortAnswersTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Ask_PortThatSomebodyListensOn_IsUnsuspiciousEvenIfHeIsTooBusyToAccept()
    {
        using var listener = Listen();

        Assert.Equal(PortAnswer.Unsuspicious, await AskAsync(listener));
    }

    [Fact]
    public async Task Ask_PortThatNobodyListensOn_IsRefused()
    {
        using var port = PortReservation.Take(IPAddress.Loopback);

        Assert.Equal(
            PortAnswer.Refused,
            await PortAnswers.AskAsync(
                new IPEndPoint(IPAddress.Loopback, port.Port), Timeout, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ask_NoAnswerInTime_IsSilent()
    {
        // The kernel answers nobody any more where the queue of a listener is full.
        using var listener = Listen();
        var callers = Enumerable.Range(0, 8)
            .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            .ToList();
        using var hangUp = new CancellationTokenSource();
        var calls = callers.Select(caller => caller.ConnectAsync(listener.LocalEndPoint!, hangUp.Token).AsTask()).ToList();
        await Task.WhenAny(calls);
        var time = new FakeTimeProvider();

        var asked = PortAnswers.AskAsync((IPEndPoint)listener.LocalEndPoint!, Timeout, time, TestContext.Current.CancellationToken);
        Assert.False(asked.IsCompleted);
        time.Advance(Timeout);

        Assert.Equal(PortAnswer.Silent, await asked);
        await hangUp.CancelAsync();
        callers.ForEach(caller => caller.Dispose());
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        return listener;
    }

    private static Task<PortAnswer> AskAsync(Socket listener) => PortAnswers.AskAsync(
        (IPEndPoint)listener.LocalEndPoint!, Timeout, TimeProvider.System, TestContext.Current.CancellationToken);
}
