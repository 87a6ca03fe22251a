using System.Reflection;

namespace Kameo.Actors.Workers;

/// <summary>What <c>[StatelessWorker]</c> says, matched by name: its constructor has another shape in Orleans 10 than in 3.5.1.</summary>
internal static class WorkerTerms
{
    private const string AttributeName = "Orleans.Concurrency.StatelessWorkerAttribute";

    /// <summary>Most activations of one actor of a class on each node: the attribute's number, else one for each processor.</summary>
    /// <returns>0 for a class that is no stateless worker.</returns>
    public static int MaxOf(Type type)
    {
        CustomAttributeData? attribute = null;
        for (Type? declaring = type; declaring is not null && attribute is null; declaring = declaring.BaseType)
        {
            attribute = declaring.GetCustomAttributesData().FirstOrDefault(static one => one.AttributeType.FullName == AttributeName);
        }

        return attribute is null ? 0
            : attribute.ConstructorArguments is [{ Value: int max and > 0 }, ..] ? max
            : Environment.ProcessorCount;
    }
}
