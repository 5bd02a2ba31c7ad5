using System.Net;

namespace Forge.AgentFramework.Http;

/// <summary>A silo refused a call by HTTP. <see cref="Code"/> says why, as the <c>code</c> of its answer does.</summary>
public sealed class ForgeHttpException : ForgeException
{
    /// <summary>Makes the error of an answer.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="code">Its stable code; <c>http_</c> and the status for an answer that is none of a silo's.</param>
    /// <param name="message">What it says for a person.</param>
    /// <param name="innerException">What it came from, if the answer could not be read.</param>
    public ForgeHttpException(HttpStatusCode status, string code, string message, Exception? innerException = null)
        : base(message, innerException) => (Status, Code) = (status, code);

    /// <summary>The status of the answer.</summary>
    public HttpStatusCode Status { get; }

    /// <inheritdoc/>
    public override string Code { get; }
}
