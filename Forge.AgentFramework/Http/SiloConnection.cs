namespace Forge.AgentFramework.Http;

/// <summary>The connections of a host to its silos.</summary>
internal sealed class SiloConnection : IDisposable
{
    /// <summary>Addresses are looked up anew so often, so that silos that went are not kept to.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    public SiloConnection(Uri silo, Action<HttpClient>? connect)
    {
        Client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = Lifetime,

            // A silo sends nobody elsewhere, and a create that is sent on becomes a read.
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        { BaseAddress = silo };
        connect?.Invoke(Client);
    }

    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();
}
