using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Forge.Client;
using Forge.Embedded;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Xunit;

namespace Forge.Grains.Tests.Hosting;

public sealed class EmbeddedTests
{
    [Fact]
    public async Task AddForgeEmbedded_TwoHosts_HaveHistoriesAndPortsOfTheirOwn()
    {
        using var first = await StartAsync();
        using var second = await StartAsync();
        var one = first.Services.GetRequiredService<IForgeClient>().Session("s");
        var two = second.Services.GetRequiredService<IForgeClient>().Session("s");
        await one.CheckpointAsync(new { Step = 1 }, "one");
        await one.CheckpointAsync(new { Step = 2 }, "two");
        await two.CheckpointAsync(new { Step = 7 }, "seven");

        Assert.Equal(2, (await one.InfoAsync())!.Count);
        Assert.Equal(1, (await two.InfoAsync())!.Count);
        int[] ports = [.. Ports(first), .. Ports(second)];
        Assert.Equal(4, ports.Distinct().Count());
        Assert.Empty(ports.Intersect([11111, 30000]));
        await first.StopAsync(TestContext.Current.CancellationToken);
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Checkpoint_LargeStatesWhoseMemoryIsUsedAgain_AreWhatWasSaved()
    {
        using var host = await StartAsync();
        var session = host.Services.GetRequiredService<IForgeClient>().Session("s");
        var random = new Random(7);
        List<byte[]> saved = [new byte[100_000]];
        random.NextBytes(saved[0]);
        for (var i = 1; i < 20; i++)
        {
            var next = saved[^1].ToArray();
            random.NextBytes(next.AsSpan(random.Next(next.Length - 100), 100));
            saved.Add(next);
        }

        // Creates beside one another, so that memory of that size goes from one to the next. Each is of bytes of its own.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async caller =>
        {
            for (var i = caller; i < saved.Count; i += 4)
            {
                var given = saved[i].ToArray();
                var creating = session.CheckpointAsync(given, $"{i}");
                Array.Fill(given, (byte)0xEE);
                await creating;
                Scribble(given.Length);
            }
        }));

        var read = await session.ListAsync().ToListAsync();
        Assert.Equal(saved.Count, read.Count);
        foreach (var summary in read)
        {
            Assert.Equal(saved[int.Parse(summary.Message, CultureInfo.InvariantCulture)], (await session.GetAsync(summary.Id))!.State.ToArray());
        }

        Assert.True((await session.VerifyAsync()).IsIntact);
        await host.StopAsync(TestContext.Current.CancellationToken);

        // Whoever holds what was given back sees this.
        static void Scribble(int length)
        {
            var held = Enumerable.Range(0, 16).Select(_ => ArrayPool<byte>.Shared.Rent(length)).ToList();
            held.ForEach(array => Array.Fill(array, (byte)0xEE));
            held.ForEach(array => ArrayPool<byte>.Shared.Return(array));
        }
    }

    [Fact]
    public async Task AddForgeEmbedded_Twice_IsOnce()
    {
        var builder = Builder();
        builder.AddForgeEmbedded(options => options.Database = ForgeDatabase.Memory);
        var services = builder.Services.Count;
        builder.AddForgeEmbedded(options => options.Database = ForgeDatabase.PostgreSql);

        Assert.Equal(services, builder.Services.Count);
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AddForgeEmbedded_BadSettings_FailTheStartWithAllOfThem()
    {
        var builder = Builder();
        builder.AddForgeEmbedded(options =>
        {
            options.Database = ForgeDatabase.Memory;
            options.ClusterId = "";
            options.Limits.Tags = 0;
        });
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            using var host = builder.Build();
            await host.StartAsync(TestContext.Current.CancellationToken);
        });

        Assert.Contains("Forge:ClusterId is empty; it must have 1 to 150 characters.", failure.Failures);
        Assert.Contains("Forge:Limits:Tags is 0; it must be from 1 to 256.", failure.Failures);
    }

    [Fact]
    public async Task TenantSettings_SetAndRead_AreKeptOrRefusedWhole()
    {
        using var host = await StartAsync();
        var tenant = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>("t/a1");
        var other = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>("t/A1");
        Assert.Equal(new TenantSettings(), await tenant.GetSettingsAsync());

        var settings = new TenantSettings { AutomaticInterval = TimeSpan.FromMinutes(1), MaxStateBytes = 10 };
        await tenant.SetSettingsAsync(settings);
        var bad = await Assert.ThrowsAsync<OverLimitException>(
            () => tenant.SetSettingsAsync(settings with { MaxStateBytes = int.MaxValue }));
        await Assert.ThrowsAsync<Forge.InvalidRequestException>(
            () => tenant.SetSettingsAsync(settings with { AutomaticInterval = TimeSpan.FromDays(366) }));
        await Assert.ThrowsAsync<Forge.InvalidRequestException>(
            () => tenant.SetSettingsAsync(settings with { Retention = new() }));

        Assert.Equal("maxStateBytes", bad.Field);
        Assert.Equal(settings, await tenant.GetSettingsAsync());
        Assert.Equal(new TenantSettings(), await other.GetSettingsAsync());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Take_ManyPorts_AreAllDifferentAndFree()
    {
        var reservations = Enumerable.Range(0, 50).Select(_ => PortReservation.Take(IPAddress.Loopback)).ToArray();
        Assert.Equal(50, reservations.Select(r => r.Port).Distinct().Count());
        foreach (var reservation in reservations)
        {
            using var listener = new TcpListener(IPAddress.Loopback, reservation.Port);
            listener.Start();
            Assert.Throws<PortInUseException>(() => PortReservation.Check("Forge:SiloPort", IPAddress.Loopback, reservation.Port));
            reservation.Dispose();
        }
    }

    private static async Task<IHost> StartAsync()
    {
        var builder = Builder();
        builder.AddForgeEmbedded(options => options.Database = ForgeDatabase.Memory);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static HostApplicationBuilder Builder()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    private static int[] Ports(IHost host)
    {
        var endpoints = host.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        return [endpoints.SiloPort, endpoints.GatewayPort];
    }
}
