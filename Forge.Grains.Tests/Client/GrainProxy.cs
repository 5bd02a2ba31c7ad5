using System.Reflection;

namespace Forge.Grains.Tests.Client;

/// <summary>What stands for a grain or the grain factory. A class is made from it at run time, so it is neither sealed nor abstract.</summary>
public class GrainProxy : DispatchProxy
{
    public Func<MethodInfo, object?[], object?>? Answer { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer!(targetMethod!, args ?? []);
}
