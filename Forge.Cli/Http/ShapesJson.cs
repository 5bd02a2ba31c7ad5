using System.Text.Json.Serialization;

namespace Forge.Cli.Http;

/// <summary>How the shapes are read, made when the program is built: to find it out at the start would take longer than most commands.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 1_000)]
[JsonSerializable(typeof(CheckpointShape))]
[JsonSerializable(typeof(AnnotationShape))]
[JsonSerializable(typeof(RestoreShape))]
[JsonSerializable(typeof(EffectShape))]
[JsonSerializable(typeof(DifferenceShape))]
[JsonSerializable(typeof(SessionShape))]
[JsonSerializable(typeof(ClaimShape))]
[JsonSerializable(typeof(BranchesShape))]
[JsonSerializable(typeof(ForkShape))]
[JsonSerializable(typeof(CompactShape))]
[JsonSerializable(typeof(ClearShape))]
[JsonSerializable(typeof(ReviveShape))]
[JsonSerializable(typeof(VerifyShape))]
[JsonSerializable(typeof(VerifiedLineShape))]
[JsonSerializable(typeof(ImportShape))]
[JsonSerializable(typeof(TenantImportShape))]
[JsonSerializable(typeof(EventShape))]
[JsonSerializable(typeof(EventPageShape))]
[JsonSerializable(typeof(FeedEventShape))]
[JsonSerializable(typeof(FoundShape))]
[JsonSerializable(typeof(KeyShape))]
[JsonSerializable(typeof(AuditPageShape))]
[JsonSerializable(typeof(WhoShape))]
[JsonSerializable(typeof(NothingShape))]
internal sealed partial class ShapesJson : JsonSerializerContext;
