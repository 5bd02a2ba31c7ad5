using System.Net;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Silo.Hosting;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Forge.Grains.Tests.Http;

public sealed class BodyBudgetTests
{
    private const int Kilo = 1024;

    [Fact]
    public void Resize_UpToTheBound_IsTakenAndNoMore()
    {
        var budget = Budget(1024 * Kilo);
        var (one, two) = (budget.Open(new DefaultHttpContext()), budget.Open(new DefaultHttpContext()));
        one.Resize(400 * Kilo);
        two.Resize(496 * Kilo);

        Assert.Equal("request bodies", Assert.Throws<BusyException>(() => two.Resize(497 * Kilo)).Resource);
        Assert.Equal(896 * Kilo, budget.Bytes);
        one.Dispose();
        two.Resize(500 * Kilo);
        Assert.Equal(500 * Kilo, budget.Bytes);
    }

    [Fact]
    public void Resize_SmallBodyBesideLargeOnes_FindsRoomForLonger()
    {
        var budget = Budget(1024 * Kilo);
        budget.Open(new DefaultHttpContext()).Resize(896 * Kilo);

        Assert.Throws<BusyException>(() => budget.Open(new DefaultHttpContext()).Resize(65 * Kilo));
        budget.Open(new DefaultHttpContext()).Resize(64 * Kilo);
        budget.Open(new DefaultHttpContext()).Resize(64 * Kilo);
        Assert.Throws<BusyException>(() => budget.Open(new DefaultHttpContext()).Resize(1));
    }

    [Fact]
    public void Resize_LargerThanTheBound_GoesIfThereIsNoOther()
    {
        var budget = Budget(10);
        var large = budget.Open(new DefaultHttpContext());
        large.Resize(1000);

        Assert.Throws<BusyException>(() => budget.Open(new DefaultHttpContext()).Resize(1));
        large.Dispose();
        large.Dispose();
        budget.Open(new DefaultHttpContext()).Resize(1);
        Assert.Equal(1, budget.Bytes);
    }

    [Fact]
    public async Task Create_BodiesOfOthersTakeAllRoom_IsRefusedAsBusyAndServiceResumes()
    {
        await using var app = ForgeHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0",
                "--Forge:Limits:RequestBytes", $"{1024 * Kilo}",
            ],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync(TestContext.Current.CancellationToken);
        var budget = app.Services.GetRequiredService<BodyBudget>();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var session = new SessionHttp(client, "s");

        // Of this body more than there is room for beside it has come, and the rest has not.
        using var slow = new HeldContent(700 * Kilo, 1);
        var waiting = session.SendAsync(HttpMethod.Post, "/checkpoints?message=slow", slow);
        while (budget.Bytes < 700 * Kilo)
        {
            await Task.Yield();
        }

        var refused = await session.PostAsync("/checkpoints?message=m", new byte[300 * Kilo], "application/octet-stream");
        refused.MustRefuse(HttpStatusCode.TooManyRequests, "busy");
        Assert.Equal("1", refused.Headers["Retry-After"].Single());
        Assert.Equal(
            HttpStatusCode.Created,
            (await session.PostAsync("/checkpoints?message=m", new byte[60 * Kilo], "application/octet-stream")).Status);
        slow.Release();

        Assert.Equal(HttpStatusCode.Created, (await waiting).Status);
        Assert.Equal(
            HttpStatusCode.Created,
            (await session.PostAsync("/checkpoints?message=m", new byte[300 * Kilo], "application/octet-stream")).Status);
        while (budget.Bytes > 0)
        {
            await Task.Yield();
        }

        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static BodyBudget Budget(long bytes) => new(Options.Create(new LimitsOptions { RequestBytes = bytes }));

    /// <summary>A body whose end comes when it is let.</summary>
    private sealed class HeldContent(int first, int last) : HttpContent
    {
        private readonly TaskCompletionSource _released = new();

        public void Release() => _released.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[first]);
            await stream.FlushAsync();
            await _released.Task;
            await stream.WriteAsync(new byte[last]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = first + last;
            return true;
        }
    }
}
