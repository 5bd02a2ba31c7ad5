namespace Forge.Catalog;

/// <summary>In which order sessions are listed.</summary>
public enum SessionOrder
{
    /// <summary>By rising name, compared ordinally.</summary>
    Name = 0,

    /// <summary>
    /// The newest activity first (<see cref="Sessions.SessionInfo.ActiveAt"/>), as it was noted, which is about a second behind.
    /// </summary>
    Activity = 1,
}
