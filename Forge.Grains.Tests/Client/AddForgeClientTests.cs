using Forge.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;

namespace Forge.Grains.Tests.Client;

public class AddForgeClientTests
{
    [Fact]
    public void AddForgeClient_Twice_MakesOneClientWithTheSettingsOfBoth()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);

        builder.AddForgeClient(o => o.ClusterId = "one");
        builder.AddForgeClient(o => (o.ClusterId, o.ServiceId) = ("two", "svc"));

        using var host = builder.Build();
        Assert.Single(host.Services.GetServices<IForgeClient>());
        Assert.Single(host.Services.GetServices<IGatewayListProvider>());
        var cluster = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Assert.Equal(("two", "svc"), (cluster.ClusterId, cluster.ServiceId));
    }

    [Fact]
    public async Task AddForgeClient_NothingSet_LooksForTheGatewayOfThisHost()
    {
        Assert.Equal(["gwy.tcp://127.0.0.1:30000/0"], await GatewaysAsync(_ => { }));
    }

    [Fact]
    public async Task AddForgeClient_Gateways_AreTheOnesTried()
    {
        var gateways = await GatewaysAsync(o =>
        {
            o.Gateways.Add("10.0.0.1:1");
            o.Gateways.Add("10.0.0.2:2");
        });

        Assert.Equal(["gwy.tcp://10.0.0.1:1/0", "gwy.tcp://10.0.0.2:2/0"], gateways);
    }

    [Fact]
    public void AddForgeClient_ConnectionString_LooksTheSilosUpInTheDatabase()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Forge:Client:ConnectionString"] = "Host=127.0.0.1" });
        builder.AddForgeClient();

        using var host = builder.Build();

        Assert.IsType<AdoNetGatewayListProvider>(host.Services.GetRequiredService<IGatewayListProvider>());
        var database = host.Services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value;
        Assert.Equal(("Npgsql", "Host=127.0.0.1"), (database.Invariant, database.ConnectionString));
    }

    [Theory]
    [InlineData("Gateways:0", "localhost")]
    [InlineData("Gateways:0", "127.0.0.1")]
    [InlineData("ClusterId", " ")]
    [InlineData("ServiceId", "")]
    [InlineData("ConnectionString", " ")]
    [InlineData("ConnectTimeout", "-00:00:01")]
    [InlineData("Retry:Attempts", "0")]
    [InlineData("Retry:Attempts", "101")]
    [InlineData("Retry:FirstDelay", "00:00:00")]
    [InlineData("Retry:MaxDelay", "00:00:00.05")]
    [InlineData("Retry:AttemptTimeout", "00:00:00")]
    [InlineData("Retry:Deadline", "00:00:00")]
    [InlineData("Retry:Deadline", "2.00:00:00")]
    public async Task AddForgeClient_BadSetting_FailsTheStartAndNamesIt(string setting, string value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { [$"Forge:Client:{setting}"] = value });
        builder.AddForgeClient();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.StartsWith($"Forge:Client:{setting.Split(":0")[0]} ", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> GatewaysAsync(Action<ForgeClientOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(configure);
        using var host = builder.Build();
        var gateways = await host.Services.GetRequiredService<IGatewayListProvider>().GetGateways();
        return gateways.Select(g => g.ToString());
    }
}
