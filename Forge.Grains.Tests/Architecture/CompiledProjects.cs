using Mono.Cecil;

namespace Forge.Grains.Tests.Architecture;

/// <summary>The assemblies of projects, as they lie beside the tests.</summary>
internal static class CompiledProjects
{
    public static ModuleDefinition Read(string project)
    {
        // What they use is looked up where this process has it from.
        var resolver = new DefaultAssemblyResolver();
        var loaded = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        foreach (var folder in loaded.Select(Path.GetDirectoryName).Distinct())
        {
            resolver.AddSearchDirectory(folder);
        }

        return ModuleDefinition.ReadModule(
            Path.Combine(AppContext.BaseDirectory, project + ".dll"), new ReaderParameters { AssemblyResolver = resolver });
    }
}
