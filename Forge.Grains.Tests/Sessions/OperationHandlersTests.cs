using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.Operations;

namespace Forge.Grains.Tests.Sessions;

public sealed class OperationHandlersTests
{
    private static readonly IReadOnlyList<Type> Inputs =
    [
        .. new[] { typeof(IOperation).Assembly, typeof(OperationHandlers).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IOperation))),
    ];

    /// <summary>What a grain of its own takes is no input of the session's.</summary>
    [Fact]
    public void EveryInputOfASession_HasOneHandler() => Assert.Equal(
        Inputs.Where(input => input != typeof(DiffCheckpoints)).Select(input => input.Name).Order(),
        typeof(OperationHandlers).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IOperationHandler)))
            .Select(type => ((IOperationHandler)Activator.CreateInstance(type)!).Input.Name).Order());

    [Fact]
    public void EveryInput_HasANameAndAnAliasOfItsOwn()
    {
        Assert.Distinct(Inputs.Select(IOperation.NameOf));
        Assert.All(Inputs, input => Assert.Single(input.GetCustomAttributes(typeof(AliasAttribute), inherit: false)));
    }

    /// <summary>Those of changes are held by their digests.</summary>
    [Fact]
    public void Names_OfPublicInputsWithoutADigest_NeverChange() => Assert.Equal(
        [
            "diffCheckpoints", "eraseSession", "getCheckpoint", "getCheckpointAt", "getClaim", "getEffect", "getSession",
            "getSummary", "listAncestors", "listBranches", "listCheckpoints", "listEffects", "listEvents", "listForks",
            "listWrites",
        ],
        Inputs.Where(input => input.IsPublic && input.GetProperty("Request") is null).Select(IOperation.NameOf).Order(StringComparer.Ordinal));
}
