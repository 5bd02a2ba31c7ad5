using System.Reflection;
using Forge.Client;
using Forge.Client.Retries;
using Forge.Operations;
using Forge.Sessions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Client;

/// <summary>
/// Grains that answer as a test says, and remember what they were asked. They are proxies and no classes of this assembly,
/// which a test cluster would take for the sessions' grain.
/// </summary>
internal sealed class FakeCluster
{
    private readonly Dictionary<string, Func<object?[], object?>> _answers = [];
    private readonly Queue<Exception?> _failures = [];
    private readonly Lock _lock = new();

    public FakeCluster()
    {
        Grains = DispatchProxy.Create<IGrainFactory, GrainProxy>();
        ((GrainProxy)(object)Grains).Answer = (method, arguments) => method.Name == nameof(IGrainFactory.GetGrain)
            ? Grain(method.ReturnType, (string)arguments[0]!)
            : throw new NotSupportedException(method.Name);
    }

    public IGrainFactory Grains { get; }

    public ForgeClientOptions Options { get; } = new();

    public DrivenTime Time { get; } = new();

    public SiloLosses Losses { get; } = new(new FakeTimeProvider());

    /// <summary>What stands for chance: full delays by default.</summary>
    public double Chance { get; set; }

    public List<GrainCall> Calls { get; } = [];

    public SessionHandle Session(string session = "s") =>
        new ForgeClient(Grains, Microsoft.Extensions.Options.Options.Create(Options), Time, () => Chance, Losses).Session(session);

    public TenantHandle Tenant(string tenant) =>
        new ForgeClient(Grains, Microsoft.Extensions.Options.Options.Create(Options), Time, () => Chance, Losses).Tenant(tenant);

    /// <summary>What an operation or another method of <see cref="ISessionGrain"/> answers, by its name.</summary>
    public FakeCluster On<T>(string method, Func<object?[], T> answer)
    {
        _answers[method] = arguments => Task.FromResult(answer(arguments));
        return this;
    }

    /// <summary>What a method answers, if that is no task of a value or has yet to come.</summary>
    public FakeCluster OnRaw(string method, Func<object?[], object> answer)
    {
        _answers[method] = answer;
        return this;
    }

    /// <summary>How the next calls fail, one after another; null for one that does not. Calls after them succeed.</summary>
    public FakeCluster Fail(params Exception?[] failures)
    {
        foreach (var failure in failures)
        {
            _failures.Enqueue(failure);
        }

        return this;
    }

    private object Grain(Type grainInterface, string key)
    {
        var grain = DispatchProxy.Create(grainInterface, typeof(GrainProxy));
        ((GrainProxy)grain).Answer = (method, arguments) =>
        {
            lock (_lock)
            {
                Calls.Add(new GrainCall(key, NameOf(method, arguments), arguments));
                if (_failures.TryDequeue(out var failure) && failure is not null)
                {
                    throw failure;
                }
            }

            return _answers.TryGetValue(NameOf(method, arguments), out var answer)
                ? answer(arguments)
                : throw new NotSupportedException(NameOf(method, arguments));
        };
        return grain;
    }

    /// <summary>Of an operation the type of its input, else the method's.</summary>
    private static string NameOf(MethodInfo method, object?[] arguments) =>
        arguments is [IOperation operation, ..] ? operation.GetType().Name : method.Name;
}

internal sealed record GrainCall(string Key, string Method, object?[] Arguments)
{
    /// <summary>The request id, of a change.</summary>
    public ChangeRequest Request => (ChangeRequest)Arguments[0]!.GetType().GetProperty(nameof(Request))!.GetValue(Arguments[0])!;

    public T Argument<T>() => Arguments.OfType<T>().Single();
}
