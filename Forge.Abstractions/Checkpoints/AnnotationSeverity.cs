namespace Forge.Checkpoints;

/// <summary>How grave an annotation is. The numbers are stored; they never change meaning.</summary>
public enum AnnotationSeverity : short
{
    /// <summary>Worth knowing.</summary>
    Info = 0,

    /// <summary>Worth a look.</summary>
    Warning = 1,

    /// <summary>Something is wrong.</summary>
    Critical = 2,
}
