using Forge.Identity;
using Forge.Silo.Security.Callers;

namespace Forge.Silo.Http;

/// <summary>The tenant that a request is about. A route's handler takes it as a parameter.</summary>
internal sealed class TenantScope
{
    private readonly HttpContext _context;

    private TenantScope(HttpContext context) => (_context, Tenant) = (context, TenantOf(context));

    public TenantId Tenant { get; }

    public HttpContext Context => _context;

    public CancellationToken Aborted => _context.RequestAborted;

    public static ValueTask<TenantScope> BindAsync(HttpContext context) => ValueTask.FromResult(new TenantScope(context));

    /// <summary>Who a caller speaks for: the tenant of the credential, and the default one while security is off.</summary>
    public static TenantId TenantOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Caller.Of(context)?.Tenant ?? TenantId.Default;
    }

    /// <summary>Reads what the route declares as its body for a <typeparamref name="T"/>, wherever it stands.</summary>
    /// <param name="target">What the body fills in.</param>
    public Task<T> ReadAsync<T>(T target) => GivenBody.ReadAsync(_context, target);

    /// <summary>The query of the request.</summary>
    public QueryReader Query() => new(_context);

    /// <summary>A grain of the tenant.</summary>
    public TGrain Grain<TGrain>()
        where TGrain : IGrainWithStringKey =>
        _context.RequestServices.GetRequiredService<IGrainFactory>().GetGrain<TGrain>(SessionAddress.ToGrainKey(Tenant));
}
