using System.Security.Cryptography;
using Forge.Client.Anchors;
using Forge.Client.Retries;
using Forge.Client.Serialization;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.Client;

/// <summary>The client over grain calls: of an Orleans client, or of a silo in the same process.</summary>
public sealed class ForgeClient : IForgeClient
{
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly Retrier _retrier;
    private readonly IStateSerializer _serializer;
    private readonly SentStates? _sentStates;
    private readonly NewestAnchors? _anchors;

    /// <summary>Makes a client.</summary>
    /// <param name="grains">Where the grains are reached.</param>
    /// <param name="options">The settings; those of the connection are of no concern here.</param>
    /// <param name="time">The clock of retries and of the ids that the client makes.</param>
    public ForgeClient(IGrainFactory grains, IOptions<ForgeClientOptions> options, TimeProvider time)
        : this(grains, options, time, SystemChance)
    {
    }

    internal ForgeClient(IGrainFactory grains, IOptions<ForgeClientOptions> options, TimeProvider time, SiloLosses losses)
        : this(grains, options, time, SystemChance, losses)
    {
    }

    internal ForgeClient(
        IGrainFactory grains, IOptions<ForgeClientOptions> options, TimeProvider time, Func<double> chance, SiloLosses? losses = null)
    {
        ArgumentNullException.ThrowIfNull(grains);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        (_grains, _time) = (grains, time);
        _retrier = new Retrier(options.Value.Retry, time, chance, losses);
        _serializer = options.Value.Serializer;

        // In the process of a silo most calls stay there, where a state goes from hand to hand; only a client that is none sees them lost.
        _sentStates = losses is not null && options.Value.BaseBytes > 0 ? new SentStates(options.Value.BaseBytes) : null;
        _anchors = options.Value.Anchors > 0 ? new NewestAnchors(options.Value.Anchors) : null;
    }

    /// <inheritdoc/>
    public SessionHandle Session(string session) => Session(SessionId.Parse(session));

    /// <inheritdoc/>
    public SessionHandle Session(SessionId session, TenantId? tenant = null) =>
        new(new SessionAddress(tenant ?? TenantId.Default, session), _grains, _retrier, _serializer, _time, _sentStates, _anchors);

    /// <inheritdoc/>
    public TenantHandle Tenant(string tenant) => Tenant(TenantId.Parse(tenant));

    /// <inheritdoc/>
    public TenantHandle Tenant(TenantId tenant) => new(tenant, this, _grains, _retrier, _time);

    /// <summary>Only spreads retries out, so nothing has to be able to repeat it.</summary>
    private static double SystemChance() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);
}
