using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.PostgreSql;
using Forge.Silo.Draining;
using Forge.Silo.Hosting;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Forge.Grains.Tests.Operations.DeployFiles;

namespace Forge.Grains.Tests.Operations;

/// <summary>What <c>deploy</c> says of a silo is what a silo is.</summary>
public sealed class DeployTests
{
    private const string HttpPorts = "ASPNETCORE_HTTP_PORTS";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static JsonNode Pod => Manifest("Deployment")["spec"]!["template"]!;

    private static JsonNode Container => Assert.Single(Pod["spec"]!["containers"]!.AsArray())!;

    private static Dictionary<string, JsonNode> Environment => Container["env"]!.AsArray().ToDictionary(each => Text(each!["name"]), each => each!);

    private static List<(string Name, JsonObject Service)> ComposedSilos =>
        [.. Compose["services"]!.AsObject().Where(each => each.Key.StartsWith("silo", StringComparison.Ordinal)).Select(each => (each.Key, each.Value!.AsObject()))];

    [Fact]
    public void Settings_OfAllFiles_AreThoseOfASilo()
    {
        string[] others = [HttpPorts, "ConnectionStrings__Forge"];
        var image = Dockerfile.Where(line => line.StartsWith("ENV ", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, @"(\S+)=").Select(match => match.Groups[1].Value)).ToList();
        var composed = ComposedSilos.SelectMany(silo => silo.Service["environment"]!.AsObject().Select(each => each.Key)).ToList();
        var all = new[] { image, [.. Environment.Keys], composed }.SelectMany(names => names).Distinct().ToList();

        Assert.All(all.Except(others), name => Assert.True(SiloSettings.Has(name.Replace("__", ":", StringComparison.Ordinal)), $"{name} is no setting"));
        Assert.Contains("Forge__Data", image);
        Assert.Contains("Forge__AdvertisedAddress", composed);
        Assert.False(SiloSettings.Has("Forge:Drain:Dealy"));
        Assert.True(SiloSettings.Has("Forge:Quotas:Tenants:acme:Streams"));
    }

    [Fact]
    public async Task Kubernetes_EnvironmentAndProbes_AreThoseOfASiloThatIsReady()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var app = ForgeHost.Build(
            ["--urls", "http://127.0.0.1:0", .. Environment.SelectMany(each => Setting(each.Key, each.Value, database))],
            builder => builder.Logging.ClearProviders()))
        {
            await app.StartAsync(Cancel);
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            {
                using var answer = await client.GetAsync(Text(Container[probe]!["httpGet"]!["path"]), Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Equal("http", Text(Container[probe]!["httpGet"]!["port"]));
            }

            using var nobody = await client.GetAsync("/v1/whoami", Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
            Assert.Equal(ForgeDatabase.PostgreSql, app.Services.GetRequiredService<IOptions<ForgeOptions>>().Value.Database);
            Assert.Equal(SecurityMode.On, app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value.Mode);
            Assert.True(Seconds(Pod["spec"]!["terminationGracePeriodSeconds"]) > app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
            await app.StopAsync(Cancel);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public void Kubernetes_PortsAndLabels_FitTogether()
    {
        var ports = Container["ports"]!.AsArray().ToDictionary(port => Text(port!["name"]), port => Text(port!["containerPort"]));
        var labels = Pod["metadata"]!["labels"]!.ToJsonString();

        Assert.Equal(Value(HttpPorts), ports["http"]);
        Assert.Equal(Value("Forge__SiloPort"), ports["silo"]);
        Assert.Equal(Value("Forge__GatewayPort"), ports["gateway"]);
        foreach (var name in (string[])["forge", "forge-silos"])
        {
            var service = Manifest("Service", name)["spec"]!;
            Assert.Equal(labels, service["selector"]!.ToJsonString());
            Assert.All(service["ports"]!.AsArray(), port => Assert.Contains(Text(port!["targetPort"]), ports.Keys));
        }

        var network = Manifest("NetworkPolicy")["spec"]!;
        var open = network["ingress"]!.AsArray().ToDictionary(rule => Text(Assert.Single(rule!["ports"]!.AsArray())!["port"]), rule => rule!["from"]);
        Assert.Equal(ports.Values.Order(), open.Keys.Order());
        Assert.Equal(labels, Assert.Single(open[ports["silo"]]!.AsArray())!["podSelector"]!["matchLabels"]!.ToJsonString());
        Assert.NotEqual(labels, Assert.Single(open[ports["gateway"]]!.AsArray())!["podSelector"]!["matchLabels"]!.ToJsonString());
        Assert.Null(open[ports["http"]]);
        foreach (var selector in new[] { Manifest("Deployment")["spec"]!["selector"], Manifest("PodDisruptionBudget")["spec"]!["selector"], network["podSelector"] })
        {
            Assert.Equal(labels, selector!["matchLabels"]!.ToJsonString());
        }
    }

    [Fact]
    public void Kubernetes_Replacing_KeepsThreeAndRunsAsNobodyOfNote()
    {
        var deployment = Manifest("Deployment")["spec"]!;
        var rolling = deployment["strategy"]!["rollingUpdate"]!;

        Assert.Equal(("3", "0", "1"), (Text(deployment["replicas"]), Text(rolling["maxUnavailable"]), Text(rolling["maxSurge"])));
        Assert.Equal("1", Text(Manifest("PodDisruptionBudget")["spec"]!["maxUnavailable"]));
        Assert.Equal("true", Text(Pod["spec"]!["securityContext"]!["runAsNonRoot"]));
        Assert.Contains($"USER {Text(Pod["spec"]!["securityContext"]!["runAsUser"])}", Dockerfile);
        Assert.All(Kustomized, file => Assert.True(Has(file), file));
        var secret = Environment["ConnectionStrings__Forge"]["valueFrom"]!["secretKeyRef"]!;
        Assert.NotNull(Manifest("Secret", Text(secret["name"]))["stringData"]![Text(secret["key"])]);
        Assert.All(Manifests, manifest => Assert.Null(manifest["metadata"]?["namespace"]));
    }

    [Fact]
    public void Compose_Silos_AreThreeAtAddressesOfTheirOwnWithTimeToDrain()
    {
        var (silos, drain) = (ComposedSilos, new DrainOptions());

        Assert.Equal(3, silos.Count);
        foreach (var (_, silo) in silos)
        {
            var (environment, address) = (silo["environment"]!, Text(silo["networks"]!["forge"]!["ipv4_address"]));
            Assert.Equal(address, Text(environment["Forge__AdvertisedAddress"]));
            foreach (var name in (string[])["Forge__Database", "Forge__Security__Mode", "Forge__Drain__Delay"])
            {
                Assert.Equal(Value(name), Text(environment[name]));
            }

            Assert.EndsWith($":{Value(HttpPorts)}", Text(Assert.Single(silo["ports"]!.AsArray())), StringComparison.Ordinal);
            var delay = TimeSpan.Parse(Text(environment["Forge__Drain__Delay"]), CultureInfo.InvariantCulture);
            Assert.True(TimeSpan.FromSeconds(int.Parse(Text(silo["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture)) > delay + drain.Timeout);
        }

        Assert.Equal(3, silos.Select(silo => Text(silo.Service["networks"]!["forge"]!["ipv4_address"])).Distinct().Count());
    }

    [Fact]
    public void Dockerfile_ProgramAndPorts_AreThoseOfTheSilo()
    {
        var program = typeof(ForgeHost).Assembly.GetName().Name!;
        var defaults = new ForgeOptions();

        Assert.Contains(Dockerfile, line => line.StartsWith($"RUN dotnet publish {program} -c Release", StringComparison.Ordinal));
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{program}.dll\"]", Dockerfile);
        Assert.Contains($"EXPOSE {Value(HttpPorts)} {defaults.SiloPort} {defaults.GatewayPort}", Dockerfile);
        Assert.Contains(Dockerfile, line => line.StartsWith("ENV ", StringComparison.Ordinal) && line.Contains($"{HttpPorts}={Value(HttpPorts)}", StringComparison.Ordinal));
        Assert.StartsWith("USER ", Dockerfile[^2], StringComparison.Ordinal);
    }

    /// <summary>As on the command line: what the cluster would fill in is this machine's.</summary>
    private static string[] Setting(string name, JsonNode given, string database) => (name, Text(given["valueFrom"]?["fieldRef"]?["fieldPath"])) switch
    {
        (HttpPorts, _) => [],
        ("Forge__SiloPort" or "Forge__GatewayPort", _) => [Argument(name), "0"],
        (_, "status.podIP") => [Argument(name), "127.0.0.1"],
        _ when given["valueFrom"]?["secretKeyRef"] is not null => [Argument(name), database],
        _ => [Argument(name), Value(name)],
    };

    private static string Argument(string name) => $"--{name.Replace("__", ":", StringComparison.Ordinal)}";

    private static string Value(string name) => Text(Environment[name]["value"]);

    private static TimeSpan Seconds(JsonNode? node) => TimeSpan.FromSeconds(int.Parse(Text(node), CultureInfo.InvariantCulture));
}
