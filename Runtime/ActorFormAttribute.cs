namespace Kameo.Actors;

/// <summary>Names a closed form of a generic actor interface or class, such as <c>typeof(ICell&lt;int&gt;)</c>, so that this project generates it. Forms that <c>Get</c> and the like name are found without.</summary>
/// <remarks>Generic classes are closed by the projects that know both the class and a form of its interface: their own ones, and those of the assemblies they reference. Generated code uses it to tell what it knows.</remarks>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ActorFormAttribute : Attribute
{
    /// <summary>Names a form.</summary>
    /// <param name="form">An actor interface or class with all its type arguments.</param>
    public ActorFormAttribute(Type form) => Form = form;

    /// <summary>The form.</summary>
    public Type Form { get; }
}
