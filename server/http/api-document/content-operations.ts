import { z } from 'zod';
import * as api from '../api.ts';
import * as bootImages from '../api-boot-images.ts';
import * as content from '../api-content.ts';
import * as drivers from '../api-drivers.ts';
import * as media from '../api-media.ts';
import * as packages from '../api-packages.ts';
import * as software from '../api-software.ts';
import type { Row } from './operation.ts';

/** The rows of images, packages, drivers, software and distribution points, under their headings. */
export const contentOperations: readonly (readonly [tag: string, rows: readonly Row[]])[] = [
  [
    'Media',
    [
      ['GET /api/v1/media', 'Lists media', z.array(media.MediaView)],
      ['POST /api/v1/media', 'Begins to make media', media.MediaView],
      ['GET /api/v1/media/:id', 'Tells of media, and how far their making is', media.MediaView],
      ['POST /api/v1/media/:id/cancel', 'Stops the making of media', media.MediaView],
      ['PUT /api/v1/media/:id/block', 'Blocks media, or lets them start machines', media.MediaView],
      ['DELETE /api/v1/media/:id', 'Deletes media', 'nothing'],
      [
        'GET /api/v1/media/:id/file',
        'Answers the image, or one file of a folder, or a range of it',
        'bytes',
      ],
      [
        'GET /api/v1/media/:id/files',
        'Lists the files of media that are a folder',
        z.array(media.MediaFileView),
      ],
    ],
  ],
  [
    'Content',
    [
      ['GET /api/v1/images', 'Lists operating system images', z.array(api.PackageView)],
      ['POST /api/v1/images', 'Stores an operating system image', api.PackageView, 'bytes'],
      ['GET /api/v1/boot-images', 'Lists boot images', z.array(bootImages.BootImageView)],
      ['POST /api/v1/boot-images', 'Makes a boot image', bootImages.BootImageView, 'bytes'],
      [
        'POST /api/v1/boot-images/:id/rebuild',
        "Puts this server's agent into a boot image",
        bootImages.BootImageView,
      ],
      ['GET /api/v1/packages', 'Lists packages', z.array(packages.FilePackageView)],
      ['GET /api/v1/packages/:id/manifest', 'Tells the files of a package', 'other-json'],
      ['POST /api/v1/packages/uploads', 'Begins an upload of a package', packages.UploadView],
      [
        'POST /api/v1/packages/uploads/:id/files',
        'Names files of an upload, and is told which objects are missing',
        packages.UploadMissing,
      ],
      [
        'PUT /api/v1/packages/uploads/:id/objects/:sha256',
        'Takes the bytes of an object in',
        'nothing',
        'bytes',
      ],
      [
        'POST /api/v1/packages/uploads/:id/commit',
        'Makes an upload a version of a package',
        packages.FilePackageView,
      ],
      [
        'GET /api/v1/driver-packages',
        'Lists driver packages with the models that they were made for',
        z.array(drivers.DriverPackageView),
      ],
      ['GET /api/v1/drivers', 'Lists the drivers of driver packages', z.array(drivers.DriverView)],
      [
        'GET /api/v1/drivers/find',
        'Ranks the drivers for a hardware id',
        z.array(drivers.RankedDriverView),
      ],
      [
        'GET /api/v1/drivers/missing',
        'Lists devices that no driver package has a driver for',
        z.array(drivers.DriverGapView),
      ],
      [
        'GET /api/v1/drivers/coverage',
        'Tells what driver packages have for a model',
        drivers.DriverCoverageView,
      ],
      ['GET /api/v1/drivers/:id', 'Tells what a driver is for', drivers.DriverDetail],
      ['GET /api/v1/applications', 'Lists applications', z.array(software.ApplicationView)],
      [
        'POST /api/v1/applications',
        'Stores an application, or a new revision of one',
        software.ApplicationView,
      ],
      ['GET /api/v1/applications/:id', 'Answers an application', software.ApplicationDetail],
      [
        'POST /api/v1/applications/:id/retire',
        'Lets no task sequence install an application any more, or again',
        software.ApplicationView,
      ],
      [
        'GET /api/v1/packages/:id/programs',
        'Lists the programs of a package',
        z.array(software.ProgramView),
      ],
      [
        'PUT /api/v1/packages/:id/programs',
        'Sets a program of a package',
        z.array(software.ProgramView),
      ],
      [
        'DELETE /api/v1/packages/:id/programs/:name',
        'Takes a program of a package away',
        z.array(software.ProgramView),
      ],
      ['GET /api/v1/content/:prefix/:sha256', 'Answers an object by its hash, or a range', 'bytes'],
      [
        'GET /api/v1/packages/versions',
        'Lists the newest version of each package, and those that open runs use',
        content.ContentVersions,
      ],
    ],
  ],
  [
    'Distribution points',
    [
      [
        'GET /api/v1/distribution-points',
        'Lists distribution points',
        z.array(content.DistributionPointView),
      ],
      [
        'POST /api/v1/distribution-points',
        'Makes a distribution point known',
        content.DistributionPointDetail,
      ],
      [
        'GET /api/v1/distribution-points/:id',
        'Tells what is on a distribution point, and what machines could not have from there',
        content.DistributionPointDetail,
      ],
      [
        'PUT /api/v1/distribution-points/:id',
        'Changes a distribution point',
        content.DistributionPointDetail,
      ],
      ['DELETE /api/v1/distribution-points/:id', 'Forgets a distribution point', 'nothing'],
      [
        'PUT /api/v1/distribution-points/:id/packages',
        'Notes which packages are on a distribution point',
        content.DistributionPointDetail,
      ],
      ['GET /api/v1/boundary-groups', 'Lists boundary groups', z.array(content.BoundaryGroupView)],
      ['POST /api/v1/boundary-groups', 'Makes a boundary group', content.BoundaryGroupView],
      ['PUT /api/v1/boundary-groups/:id', 'Changes a boundary group', content.BoundaryGroupView],
      ['DELETE /api/v1/boundary-groups/:id', 'Takes a boundary group away', 'nothing'],
      [
        'GET /api/v1/boundary-groups/locate',
        'Tells which distribution points an address gets, the nearest first',
        content.LocatedPoints,
      ],
    ],
  ],
];
