using System.Net;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>
/// Refuses to listen elsewhere than on this machine while security is off. It looks at the settings before anything listens, and at where the
/// server listens once it does, which code may have told it.
/// </summary>
internal sealed class ExposureCheck(IOptions<SecurityOptions> options, IConfiguration configuration, IServer server) : IHostedLifecycleService
{
    private const string Endpoints = "Kestrel:Endpoints";

    // What decides in front who comes in to the sessions of a tenant does not know of the dashboard of all.
    private readonly bool _showsAll = options.Value.Mode != SecurityMode.On && DashboardSetting.IsOn(configuration);
    private readonly bool _mayBeReached = options.Value.Mode == SecurityMode.On || options.Value.AllowAnonymous;

    /// <exception cref="ExposedException">It would.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var endpoints = configuration.GetSection(Endpoints).GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        // By a port alone the server listens on all addresses; both are passed over where others are given.
        var ports = urls.Length > 0 ? [] : ((string[])["http_ports", "https_ports"])
            .SelectMany(name => (configuration[name] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(port => $"http://*:{port}");
        Require(endpoints.Count > 0 ? endpoints : [.. urls, .. ports]);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <exception cref="ExposedException">It does; the host ends at once.</exception>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Require(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>True for an address that this machine alone reaches.</summary>
    internal static bool IsLocal(string url)
    {
        // The server takes a name that is neither an address nor localhost for all addresses.
        var address = BindingAddress.Parse(url);
        var host = address.Host.Trim('[', ']');
        return address.IsUnixPipe || address.IsNamedPipe || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private void Require(IEnumerable<string> urls)
    {
        if ((!_mayBeReached || _showsAll) && urls.FirstOrDefault(url => !IsLocal(url)) is { } exposed)
        {
            throw _showsAll ? ExposedException.OfDashboard(exposed) : new ExposedException(exposed);
        }
    }
}
